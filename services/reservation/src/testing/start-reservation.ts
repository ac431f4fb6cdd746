import { randomUUID } from 'node:crypto'
import { startTestService, type TestService } from '@boxoffice/common/testing/service.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { timestampNow } from '@bufbuild/protobuf/wkt'
import { reservationService } from '../api/reservation-service.ts'
import { entities } from '../storage/entities.ts'
import { rights } from '../storage/migrations/rights.ts'
import { migrations } from '../storage/migrations.ts'
import type { HoldSettings } from '../use-cases/hold-seats.ts'

/** The reservation service on a fresh database, without Kafka: tests hand messages to its handler. */
export interface RunningReservation extends TestService<typeof ReservationService.method> {
  /** Creates a concert with one section, A, of one price; returns its id. */
  createConcert(section: {
    rows: number
    seatsPerRow: number
    price?: bigint
    seatsPerUserMax?: number
  }): Promise<string>
}

export type ReservationClient = ReturnType<RunningReservation['as']>

/** By default no limit stops a user who wants a whole hall. */
const anything: HoldSettings = {
  holdDurationMs: 300_000,
  seatsPerUserMax: 20_000,
  openHoldsMax: 10_000,
  pauseMs: 0,
}

export async function startReservation(settings: Partial<HoldSettings> = {}): Promise<RunningReservation> {
  const service = await startTestService(ReservationService, { entities, migrations, rights }, (database) =>
    reservationService(database, { ...anything, ...settings }),
  )
  return {
    ...service,
    async createConcert({ rows, seatsPerRow, price = 100n, seatsPerUserMax = 0 }) {
      const { concert } = await service.as('organizer', ['admin']).createConcert({
        requestId: randomUUID(),
        title: 'a concert',
        startTime: timestampNow(),
        sections: [{ name: 'A', rows, seatsPerRow, price }],
        seatsPerUserMax,
      })
      return concert?.concertId ?? ''
    },
  }
}
