import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { ReservationStatus, SeatStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'

describe('a hold that lapses', () => {
  let service: RunningReservation
  before(async () => {
    service = await startReservation({ holdDurationMs: 40 })
  })
  after(() => service.stop())

  it('frees its seats by itself: the next caller holds them', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const alice = service.as('alice')
    const { reservation } = await alice.holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    await lapsed(reservation?.reservationId ?? '')
    const { seats } = await alice.listSeats({ concertId })
    expect(seats[0]?.status).to.equal(SeatStatus.AVAILABLE)
    const { concerts } = await alice.listConcerts({})
    expect(concerts.find((concert) => concert.concertId === concertId)?.seatsAvailable).to.equal(1)
    const taken = await service.as('bob').holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    expect(taken.reservation?.userId).to.equal('bob')
  })

  it('stays EXPIRED when it is released, and does not free the seats of the next holder', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const alice = service.as('alice')
    const { reservation } = await alice.holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    const reservationId = reservation?.reservationId ?? ''
    await lapsed(reservationId)
    const bob = await service.as('bob').holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    const released = await alice.releaseReservation({ requestId: randomUUID(), reservationId })
    expect(released.reservation).to.include({ status: ReservationStatus.EXPIRED, version: 1 })
    const [seat] = await query(
      service.database.em(),
      'SELECT reservation_id FROM seat WHERE concert_id = $1',
      [concertId],
    )
    expect(seat?.reservation_id).to.equal(bob.reservation?.reservationId)
  })

  async function lapsed(reservationId: string): Promise<void> {
    const alice = service.as('alice')
    const deadline = Date.now() + 5_000
    while (Date.now() < deadline) {
      const { reservation } = await alice.getReservation({ reservationId })
      if (reservation?.status === ReservationStatus.EXPIRED) return
    }
    throw new Error(`the hold ${reservationId} did not lapse`)
  }
})
