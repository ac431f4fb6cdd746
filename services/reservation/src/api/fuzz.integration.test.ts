import { randomUUID } from 'node:crypto'
import type { FuzzedService } from '@boxoffice/common/testing/fuzz/fuzz-service.ts'
import { fuzzService } from '@boxoffice/common/testing/fuzz/fuzz-service.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'

describe('ReservationService, whatever it is sent,', () => {
  let service: RunningReservation
  let fuzzed: FuzzedService
  before(async () => {
    service = await startReservation()
    const concertId = await service.createConcert({ rows: 2, seatsPerRow: 3 })
    const requestId = randomUUID()
    const held = await service.as('olga').holdSeats({ requestId, concertId, seats: ['A-1-1'] })
    fuzzed = {
      address: service.address,
      token: await service.token('olga', ['admin']),
      samples: ['olga', requestId, concertId, held.reservation?.reservationId ?? '', 'A-1-2', 'A-2-3'],
      templates: {
        CreateConcert: {
          title: 'Gala',
          startTime: { seconds: 1_800_000_000n },
          sections: [{ name: 'A', rows: 1, seatsPerRow: 1, price: 1n }],
        },
        HoldSeats: { concertId, seats: ['A-2-1'] },
        ListSeats: { concertId },
        ListConcerts: {},
      },
    }
  })
  after(() => service.stop())

  fuzzService(ReservationService, () => fuzzed)
})
