import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import type { OutboxMessage } from '@boxoffice/messaging'
import {
  appendToOutbox,
  ContradictsRecordError,
  type DiscardOutcome,
  deriveMessageId,
  type ReceivedMessage,
} from '@boxoffice/messaging'
import {
  ConfirmSeatsCommandSchema,
  type SeatsConfirmedEvent,
  SeatsConfirmedEventSchema,
  SeatsRefusal,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { ReservationStatus, SeatStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create, fromBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'
import { reservationCommands } from './reservation-commands.ts'

describe('reservation-commands', () => {
  let service: RunningReservation
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

  it('answers a known payment with the recorded outcome, in one batch and in a later one', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const paymentId = randomUUID()
    const ask = () => confirm(reservation, { paymentId })
    const first = await handle([ask(), ask()])
    const second = await handle([ask()])
    const messages = [...first, ...second]
    expect(messages.map((message) => bodyOf(message).success)).to.deep.equal([true, true, true])
    expect(new Set(messages.map(({ id }) => id)).size).to.equal(3)
    expect(await salesOf(reservation)).to.deep.equal([paymentId])
  })

  it('sells nothing and answers nothing to a payment that is recorded for something else', async () => {
    const [reservation, other] = await Promise.all([1, 2].map(() => hold('alice', ['A-1-1'])))
    if (!reservation || !other) throw new Error('nothing was held')
    const [sold, refused] = [randomUUID(), randomUUID()]
    await handle([
      confirm(reservation, { paymentId: sold }),
      confirm(other, { paymentId: refused, amount: 1n }),
    ])
    const forged = [
      confirm(other, { paymentId: sold }),
      confirm(reservation, { paymentId: refused }),
      confirm(reservation, { paymentId: sold, userId: 'bob' }),
      confirm(reservation, { paymentId: sold, amount: 1n }),
    ]
    for (const command of forged) {
      expect(await handle([command]).catch((error: unknown) => error)).to.be.instanceOf(
        ContradictsRecordError,
      )
      expect(await discard(command, 'REFUSED'), 'it may be discarded, and is not answered').to.deep.equal([])
      expect(await discard(command, 'DONE').catch(String)).to.contain('contradicts what is recorded')
    }
    expect(await salesOf(reservation)).to.deep.equal([sold])
    expect(await salesOf(other)).to.deep.equal([])
  })

  it('keeps a refusal for its payment, and sells to another one', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const refused = randomUUID()
    await handle([confirm(reservation, { paymentId: refused, amount: 1n })])
    const messages = await handle([confirm(reservation), confirm(reservation, { paymentId: refused })])
    expect(messages.map((message) => bodyOf(message).refusal)).to.deep.equal([
      SeatsRefusal.UNSPECIFIED,
      SeatsRefusal.AMOUNT_MISMATCH,
    ])
  })

  it('answers a payment whose command was discarded, at once and when it asks again, and sells nothing', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const paymentId = randomUUID()
    const discarded = await discard(confirm(reservation, { paymentId }), 'REFUSED')
    const again = await handle([confirm(reservation, { paymentId })])
    expect([...discarded, ...again].map((message) => bodyOf(message).refusal)).to.deep.equal([
      SeatsRefusal.DISCARDED,
      SeatsRefusal.DISCARDED,
    ])
    expect(await salesOf(reservation)).to.deep.equal([])
  })

  it('discards no command with an outcome that contradicts what it has sold', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const command = confirm(reservation)
    expect(await discard(command, 'DONE').catch(String)).to.contain('contradicts what is recorded')
    await handle([command])
    expect(await discard(command, 'REFUSED').catch(String)).to.contain('contradicts what is recorded')
    const [message] = await discard(command, 'DONE')
    expect(bodyOf(message).success).to.equal(true)
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

  async function hold(userId: string, seats: string[]): Promise<Reservation> {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 2 })
    const { reservation } = await service.as(userId).holdSeats({ requestId: randomUUID(), concertId, seats })
    if (reservation === undefined) throw new Error('nothing was held')
    return reservation
  }

  /** Moves the end of a hold into the past, as if time had passed. */
  async function lapse({ reservationId }: Reservation): Promise<void> {
    const em = service.database.em()
    const change = `SET held_until = clock_timestamp() - interval '1 second' WHERE reservation_id = $1`
    await query(em, `UPDATE reservation ${change}`, [reservationId])
    await query(em, `UPDATE seat ${change}`, [reservationId])
  }

  function handle(messages: readonly ReceivedMessage[]): Promise<readonly OutboxMessage[]> {
    return service.database.transaction(async (em) => {
      const { outbox } = await reservationCommands.handle(em, messages)
      await appendToOutbox(em, outbox)
      return outbox
    })
  }

  function discard(message: ReceivedMessage, outcome: DiscardOutcome): Promise<readonly OutboxMessage[]> {
    return service.database.transaction(async (em) => {
      const handled = await reservationCommands.discarding?.discard(em, message, outcome)
      return handled?.outbox ?? []
    })
  }

  async function salesOf({ concertId }: Reservation): Promise<unknown[]> {
    const rows = await query(service.database.em(), 'SELECT payment_id FROM sale WHERE concert_id = $1', [
      concertId,
    ])
    return rows.map((row) => row.payment_id)
  }
})

let offset = 0n

/** A command to confirm a reservation for a payment of its own, unless `change` has another one. */
function confirm(
  { reservationId, userId, totalPrice }: Reservation,
  change: { paymentId?: string; reservationId?: string; userId?: string; amount?: bigint } = {},
): ReceivedMessage {
  const body = create(ConfirmSeatsCommandSchema, {
    paymentId: randomUUID(),
    reservationId,
    userId,
    amount: totalPrice,
    ...change,
  })
  return {
    id: randomUUID(),
    type: ConfirmSeatsCommandSchema.typeName,
    body,
    subject: body.paymentId,
    time: new Date(),
    key: body.reservationId,
    topic: 'reservation-commands',
    partition: 0,
    offset: offset++,
    traceparent: undefined,
  }
}

function bodyOf(message: OutboxMessage | undefined): SeatsConfirmedEvent {
  return fromBinary(SeatsConfirmedEventSchema, message?.payload ?? new Uint8Array())
}
