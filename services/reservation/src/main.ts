import { runService } from '@boxoffice/common/lifecycle/run-service.ts'
import { reservationService } from './api/reservation-service.ts'
import { readConfig } from './config.ts'
import { reservationCommands } from './messages/reservation-commands.ts'
import { restoringReservations } from './messages/reservation-events.ts'
import { entities } from './storage/entities.ts'
import { CreateConcerts } from './storage/migrations/0001-create-concerts.ts'
import { rights } from './storage/migrations/rights.ts'

await runService({
  name: 'reservation',
  readConfig,
  entities,
  migrations: [CreateConcerts],
  rights,
  wire: async ({ config, database }) => ({
    services: [reservationService(database, config)],
    handler: reservationCommands,
    restoring: restoringReservations,
  }),
})
