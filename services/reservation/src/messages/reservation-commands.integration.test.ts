import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { deriveMessageId } from '@boxoffice/messaging'
import {
  SeatsConfirmedEventSchema,
  SeatsRefusal,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { ReservationStatus, SeatStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { bodyOf, confirm, seatSales } from '../testing/seat-sales.ts'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'

describe('reservation-commands', () => {
  let service: RunningReservation
  const { hold, handle, salesOf } = seatSales(() => service)
  before(async () => {
    service = await startReservation()
  })
  after(() => service.stop())

  it('sells the seats and answers with the sold reservation, keyed by the payment', async () => {
    const reservation = await hold('alice', ['A-1-1', 'A-1-2'])
    const command = confirm(reservation)
    const [message] = await handle([command])
    const event = bodyOf(message)
    expect(event).to.deep.include({ success: true, refusal: SeatsRefusal.UNSPECIFIED })
    expect(event.reservation).to.include({
      status: ReservationStatus.SOLD,
      paymentId: event.paymentId,
      version: 2,
    })
    expect(message).to.include({
      topic: 'reservation-events',
      id: deriveMessageId(SeatsConfirmedEventSchema.typeName, command.id),
    })
    expect(Buffer.from(message?.key ?? []).toString()).to.equal(event.paymentId)
    expect(message?.headers).to.include({
      ce_subject: event.paymentId,
      ce_causationid: command.id,
      ce_source: 'boxoffice/reservation',
    })
    const { seats } = await service.as('visitor').listSeats({ concertId: reservation.concertId })
    expect(seats.map(({ status }) => status)).to.deep.equal([SeatStatus.SOLD, SeatStatus.SOLD])
    expect(await salesOf(reservation)).to.deep.equal([event.paymentId, event.paymentId])
  })

  it('refuses with the reason of each rule', async () => {
    const [good, wrongAmount, foreign] = await Promise.all([1, 2, 3].map(() => hold('alice', ['A-1-1'])))
    if (!good || !wrongAmount || !foreign) throw new Error('nothing was held')
    const released = await hold('alice', ['A-1-1'])
    await service
      .as('alice')
      .releaseReservation({ requestId: randomUUID(), reservationId: released.reservationId })
    const expired = await hold('alice', ['A-1-1'])
    await lapse(expired)
    const messages = await handle([
      confirm(good),
      confirm(good),
      confirm(wrongAmount, { amount: 99n }),
      confirm(foreign, { userId: 'bob' }),
      confirm(released),
      confirm(expired),
      confirm(good, { reservationId: randomUUID() }),
    ])
    expect(messages.map((message) => bodyOf(message).refusal)).to.deep.equal([
      SeatsRefusal.UNSPECIFIED,
      SeatsRefusal.ALREADY_SOLD,
      SeatsRefusal.AMOUNT_MISMATCH,
      SeatsRefusal.NOT_HOLDER,
      SeatsRefusal.RELEASED,
      SeatsRefusal.HOLD_EXPIRED,
      SeatsRefusal.UNKNOWN_RESERVATION,
    ])
    expect(messages.map((message) => bodyOf(message).reservation?.status)).to.deep.equal([
      ReservationStatus.SOLD,
      ReservationStatus.SOLD,
      ReservationStatus.HELD,
      ReservationStatus.HELD,
      ReservationStatus.RELEASED,
      ReservationStatus.EXPIRED,
      undefined,
    ])
  })

  it('recognises ids in capital letters', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const capitals = { reservationId: reservation.reservationId.toUpperCase() }
    const [message] = await handle([confirm(reservation, capitals)])
    expect(bodyOf(message).success).to.equal(true)
  })

  it('refuses a lapsed hold whose seats another user holds now, and sells them to the new holder', async () => {
    const lapsed = await hold('alice', ['A-1-1'])
    await lapse(lapsed)
    const { reservation: taken } = await service
      .as('bob')
      .holdSeats({ requestId: randomUUID(), concertId: lapsed.concertId, seats: ['A-1-1'] })
    if (taken === undefined) throw new Error('nothing was held')
    const messages = await handle([confirm(lapsed), confirm(taken, { userId: 'bob' })])
    expect(messages.map((message) => bodyOf(message).refusal)).to.deep.equal([
      SeatsRefusal.HOLD_EXPIRED,
      SeatsRefusal.UNSPECIFIED,
    ])
  })

  it('refuses a hold of which one seat has passed to another user, although by the clock it has not lapsed', async () => {
    const partly = await hold('alice', ['A-1-1', 'A-1-2'])
    await query(
      service.database.em(),
      `UPDATE seat SET held_until = clock_timestamp() - interval '1 second' WHERE concert_id = $1 AND seat = 'A-1-2'`,
      [partly.concertId],
    )
    const { reservation: taken } = await service
      .as('bob')
      .holdSeats({ requestId: randomUUID(), concertId: partly.concertId, seats: ['A-1-2'] })
    if (taken === undefined) throw new Error('nothing was held')
    const messages = await handle([confirm(partly), confirm(taken, { userId: 'bob' })])
    expect(messages.map((message) => bodyOf(message).refusal)).to.deep.equal([
      SeatsRefusal.HOLD_EXPIRED,
      SeatsRefusal.UNSPECIFIED,
    ])
    expect(await salesOf(partly)).to.deep.equal([bodyOf(messages[1]).paymentId])
  })

  it('sells to exactly one of 200 payments for one reservation, in transactions that run at once', async () => {
    const reservation = await hold('alice', ['A-1-1', 'A-1-2'])
    const batches = Array.from({ length: 20 }, () => Array.from({ length: 10 }, () => confirm(reservation)))
    const messages = (await Promise.all(batches.map(handle))).flat()
    expect(messages.filter((message) => bodyOf(message).success).length).to.equal(1)
    expect(new Set(await salesOf(reservation)).size).to.equal(1)
  })

  it('refuses one of a release and a confirmation that come at once', async () => {
    const reservations = await Promise.all(
      Array.from({ length: 20 }, () => hold('alice', ['A-1-1', 'A-1-2'])),
    )
    const alice = service.as('alice')
    await Promise.all(
      reservations.map(async (reservation) => {
        const { reservationId } = reservation
        const [release, [message]] = await Promise.all([
          alice.releaseReservation({ requestId: randomUUID(), reservationId }).then(
            () => 'RELEASED',
            (error) => error.reason,
          ),
          handle([confirm(reservation)]),
        ])
        const expected = bodyOf(message).success ? 'RESERVATION_SOLD' : 'RELEASED'
        expect(release).to.equal(expected)
      }),
    )
  })

  it('cannot sell a seat twice, even if the rows of seats are wrong', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    await handle([confirm(reservation)])
    const em = service.database.em()
    const { concertId, reservationId } = reservation
    await query(
      em,
      `UPDATE seat SET sold = false, reservation_id = NULL, held_until = NULL WHERE concert_id = $1`,
      [concertId],
    )
    const { reservation: again } = await service
      .as('bob')
      .holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    if (again === undefined) throw new Error('nothing was held')
    const failure = await handle([confirm(again, { userId: 'bob' })]).catch((error: unknown) => String(error))
    expect(failure).to.include('sale_pkey')
    expect((await salesOf(reservation)).length, reservationId).to.equal(1)
  })

  it('cannot record two sales of a reservation, even if something decides so', async () => {
    const { reservationId } = await hold('alice', ['A-1-1'])
    const record = () =>
      query(
        service.database.em(),
        `INSERT INTO confirmation (payment_id, reservation_id, decided_at)
         VALUES (gen_random_uuid(), $1, clock_timestamp())`,
        [reservationId],
      )
    await record()
    const failure = await record().catch((error: unknown) => String(error))
    expect(failure).to.include('confirmation_sold_once')
  })

  /** Moves the end of a hold into the past, as if time had passed. */
  async function lapse({ reservationId }: Reservation): Promise<void> {
    const em = service.database.em()
    const change = `SET held_until = clock_timestamp() - interval '1 second' WHERE reservation_id = $1`
    await query(em, `UPDATE reservation ${change}`, [reservationId])
    await query(em, `UPDATE seat ${change}`, [reservationId])
  }
})
