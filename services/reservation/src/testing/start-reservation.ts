import { randomUUID } from 'node:crypto'
import { startTestService, type TestService } from '@boxoffice/common/testing/service.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { timestampNow } from '@bufbuild/protobuf/wkt'
import { reservationService } from '../api/reservation-service.ts'
import { entities } from '../storage/entities.ts'
import { CreateConcerts } from '../storage/migrations/0001-create-concerts.ts'
import { rights } from '../storage/migrations/rights.ts'

/** The reservation service over a fresh database: what is missing is Kafka, whose messages a test hands in. */
export interface RunningReservation extends TestService<typeof ReservationService.method> {
  /** Makes a concert with one section, A, of one price; returns its id. */
  createConcert(section: { rows: number; seatsPerRow: number; price?: bigint }): Promise<string>
}

export type ReservationClient = ReturnType<RunningReservation['as']>

export async function startReservation({ holdDurationMs = 300_000 } = {}): Promise<RunningReservation> {
  const service = await startTestService(
    ReservationService,
    { entities, migrations: [CreateConcerts], rights },
    (database) => reservationService(database, { holdDurationMs }),
  )
  return {
    ...service,
    async createConcert({ rows, seatsPerRow, price = 100n }) {
      const { concert } = await service.as('organizer', ['admin']).createConcert({
        requestId: randomUUID(),
        title: 'a concert',
        startTime: timestampNow(),
        sections: [{ name: 'A', rows, seatsPerRow, price }],
      })
      return concert?.concertId ?? ''
    },
  }
}
