import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { received } from '@boxoffice/common/testing/received.ts'
import { refusalOf, refusedWith } from '@boxoffice/common/testing/refusal.ts'
import type { ReceivedMessage } from '@boxoffice/messaging'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { PointUsedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  SeatsConfirmedEventSchema,
  SeatsHeldEventSchema,
  SeatsReleasedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import {
  type Reservation,
  ReservationSchema,
  ReservationStatus,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromMs, timestampNow } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { type RunningPayment, startPayment } from '../testing/start-payment.ts'
import { forgetEndedReservations } from '../use-cases/forget-reservations.ts'

describe('Checkout of a reservation that payment knows', () => {
  let service: RunningPayment
  before(async () => {
    service = await startPayment()
  })
  after(() => service.stop())

  it('is accepted for its holder, its price and a hold that has not lapsed', async () => {
    const { payment } = await service.as('ada').checkout(checkoutOf(await hold('ada')))
    expect(payment?.status).to.equal(PaymentStatus.PENDING)
  })

  it('is refused to a stranger at once, as if there were no such reservation, whatever the amount', async () => {
    const reservation = await hold('ada')
    for (const amount of [200n, 1n]) {
      const stranger = service.as('eve').checkout({ ...checkoutOf(reservation), amount })
      const { code, reason, metadata, message } = await refusalOf(stranger)
      expect({ code, reason, metadata }).to.deep.equal({
        code: 5,
        reason: 'RESERVATION_NOT_FOUND',
        metadata: {},
      })
      expect(message).to.equal(`There is no reservation ${reservation.reservationId}`)
    }
    expect((await service.as('eve').listPayments({})).payments).to.deep.equal([])
    expect((await service.as('ada').checkout(checkoutOf(reservation))).payment?.amount).to.equal(200n)
  })

  it('does not wait for strangers: 39 of them who came before the reservation was known do not block its holder', async () => {
    const reservation = reservationOf('ada')
    const strangers = Array.from({ length: 39 }, (_, nth) => service.as(`stranger-${nth}`))
    await Promise.all(strangers.map((stranger) => stranger.checkout(checkoutOf(reservation))))
    const { payment } = await service.as('ada').checkout(checkoutOf(reservation))
    expect(payment).to.include({ userId: 'ada', status: PaymentStatus.PENDING })
    const again = service.as('ada').checkout(checkoutOf(reservation))
    expect(await refusedWith(again)).to.equal('FAILED_PRECONDITION RESERVATION_IN_PAYMENT')
  })

  it('is refused with another amount, and the error names the price', async () => {
    const reservation = await hold('ada')
    for (const amount of [199n, 201n]) {
      const { reason, metadata } = await refusalOf(
        service.as('ada').checkout({ ...checkoutOf(reservation), amount }),
      )
      expect({ reason, metadata }).to.deep.equal({
        reason: 'AMOUNT_MISMATCH',
        metadata: { total_price: '200' },
      })
    }
  })

  it('is refused once the hold has lapsed by the clock of the database, or was given back', async () => {
    const lapsed = await hold('ada', { expireTime: timestampFromMs(Date.now() - 1) })
    const released = await hold('ada')
    await hear(givenBack(released))
    for (const reservation of [lapsed, released]) {
      const refusal = await refusedWith(service.as('ada').checkout(checkoutOf(reservation)))
      expect(refusal).to.equal('FAILED_PRECONDITION HOLD_EXPIRED')
    }
  })

  it('is refused once the seats are sold, also after the hold would have lapsed', async () => {
    const reservation = reservationOf('ada')
    const { payment } = await service.as('ada').checkout(checkoutOf(reservation))
    await sell(payment?.paymentId ?? '', { ...reservation, expireTime: timestampFromMs(Date.now() - 1) })
    const refusal = await refusedWith(service.as('ada').checkout(checkoutOf(reservation)))
    expect(refusal).to.equal('FAILED_PRECONDITION RESERVATION_IN_PAYMENT')
  })

  it('returns the same payment for a repeated request, whatever payment has read since', async () => {
    const reservation = reservationOf('ada')
    const request = checkoutOf(reservation)
    const { payment } = await service.as('ada').checkout(request)
    await hear(held({ ...reservation, expireTime: timestampFromMs(Date.now() - 1) }))
    const again = await service.as('ada').checkout(request)
    expect(again.payment?.paymentId).to.equal(payment?.paymentId)
    const refused = service.as('ada').checkout(checkoutOf(reservation))
    expect(await refusedWith(refused)).to.equal('FAILED_PRECONDITION HOLD_EXPIRED')
  })

  it('follows the latest version, in whatever order and however often the events are read', async () => {
    const reservation = reservationOf('ada')
    await hear(givenBack(reservation), held(reservation))
    await hear(held(reservation))
    const refusal = await refusedWith(service.as('ada').checkout(checkoutOf(reservation)))
    expect(refusal).to.equal('FAILED_PRECONDITION HOLD_EXPIRED')
  })

  it('is decided by reservation again an hour after the hold ended, when payment forgets it', async () => {
    const ended = await hold('ada', { expireTime: timestampFromMs(Date.now() - 3_600_001) })
    const endedLater = await hold('ada', { expireTime: timestampFromMs(Date.now() - 3_500_000) })
    await forgetEndedReservations(service.database, new AbortController().signal)
    const known = await query(
      service.database.em(),
      'SELECT reservation_id FROM known_reservation WHERE reservation_id = ANY($1::uuid[])',
      [[ended.reservationId, endedLater.reservationId]],
    )
    expect(known).to.deep.equal([{ reservation_id: endedLater.reservationId }])
    expect((await service.as('ada').checkout(checkoutOf(ended))).payment?.status).to.equal(
      PaymentStatus.PENDING,
    )
  })

  /** A reservation whose SeatsHeldEvent payment has read. */
  async function hold(userId: string, change: Partial<Reservation> = {}): Promise<Reservation> {
    const reservation = { ...reservationOf(userId), ...change }
    await hear(held(reservation))
    return reservation
  }

  /** Lets payment read that a reservation was sold for a payment. */
  async function sell(
    paymentId: string,
    { userId, totalPrice: amount, ...rest }: Reservation,
  ): Promise<void> {
    const time = timestampNow()
    const taken = create(PointUsedEventSchema, { paymentId, userId, amount, success: true, time })
    const status = ReservationStatus.SOLD
    const reservation = { ...rest, userId, totalPrice: amount, status, paymentId, version: 2 }
    const { reservationId } = rest
    const sold = create(SeatsConfirmedEventSchema, {
      paymentId,
      reservationId,
      success: true,
      reservation,
      time,
    })
    await hear(
      received(PointUsedEventSchema, taken, paymentId),
      received(SeatsConfirmedEventSchema, sold, paymentId),
    )
  }

  /** Lets payment read events, in one batch. */
  async function hear(...events: ReceivedMessage[]): Promise<void> {
    await service.handle(service.handler, events)
  }
})

function reservationOf(userId: string): Reservation {
  return create(ReservationSchema, {
    reservationId: randomUUID(),
    userId,
    concertId: randomUUID(),
    seats: ['A-1-1', 'A-1-2'],
    totalPrice: 200n,
    status: ReservationStatus.HELD,
    expireTime: timestampFromMs(Date.now() + 300_000),
    version: 1,
    createTime: timestampNow(),
  })
}

function checkoutOf({ reservationId, totalPrice }: Reservation) {
  return { requestId: randomUUID(), reservationId, amount: totalPrice }
}

function held(reservation: Reservation): ReceivedMessage {
  const body = create(SeatsHeldEventSchema, { reservation, requestId: randomUUID() })
  return received(SeatsHeldEventSchema, body, reservation.reservationId)
}

function givenBack(reservation: Reservation): ReceivedMessage {
  const now = timestampNow()
  const released = { ...reservation, status: ReservationStatus.RELEASED, expireTime: now, version: 2 }
  const body = create(SeatsReleasedEventSchema, { reservation: released, requestId: randomUUID() })
  return received(SeatsReleasedEventSchema, body, reservation.reservationId)
}
