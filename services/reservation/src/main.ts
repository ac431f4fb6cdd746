import { runService } from '@boxoffice/common/service/run-service.ts'
import { reservationService } from './api/reservation-service.ts'
import { readConfig } from './config.ts'
import { reservationCommands } from './messages/reservation-commands.ts'
import { reservationRestoreHandler } from './restore/restore-handler.ts'
import { entities } from './storage/entities.ts'
import { rights } from './storage/migrations/rights.ts'
import { migrations } from './storage/migrations.ts'

await runService({
  name: 'reservation',
  readConfig,
  entities,
  migrations,
  rights,
  wire: async ({ config, database }) => ({
    services: [reservationService(database, config)],
    handler: reservationCommands,
    restoring: reservationRestoreHandler,
  }),
})
