import { runService } from '@boxoffice/common/service/run-service.ts'
import { pointService } from './api/point-service.ts'
import { readConfig } from './config.ts'
import { pointCommands } from './messages/point-commands.ts'
import { pointRestoreHandler } from './restore/restore-handler.ts'
import { entities } from './storage/entities.ts'
import { CreateWallets } from './storage/migrations/0001-create-wallets.ts'
import { rights } from './storage/migrations/rights.ts'

await runService({
  name: 'point',
  readConfig,
  entities,
  migrations: [CreateWallets],
  rights,
  wire: async ({ database }) => ({
    services: [pointService(database)],
    handler: pointCommands,
    restoring: pointRestoreHandler,
  }),
})
