import { randomUUID } from 'node:crypto'
import { Code } from '@boxoffice/common/status/errors.ts'
import {
  FailureReason,
  FailureReasonSchema,
  type Payment,
  PaymentStatus,
  PaymentStatusSchema,
  RefundState,
  RefundStateSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { ReservationStatus, SeatStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { expectBalancedBooks } from './support/books.ts'
import { newConcert, newCustomer, seatPrice } from './support/customer.ts'
import { nameOf } from './support/name-of.ts'
import { whilePaused, whileUnheard } from './support/pause.ts'
import { expectRefusal } from './support/refusal.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { sql } from './support/sql.ts'

describe('a checkout', function () {
  this.timeout(120_000)
  let system: TestSystem
  before(async () => {
    system = await sharedSystem()
  })
  afterEach(() => expectBalancedBooks(system))

  it('takes the points, sells the seats and completes', async () => {
    const concert = await newConcert(system)
    const ada = await newCustomer(system, { points: 1_000n })
    const reservation = await ada.hold(concert, ['A-1-1', 'A-1-2'])

    const payment = await ada.buy(reservation)

    expect(payment.status).to.equal(PaymentStatus.COMPLETED)
    expect(await ada.balance()).to.equal(1_000n - 2n * seatPrice)
    const { seats } = await ada.reservations.listSeats({ concertId: concert.concertId })
    expect(seats.filter((seat) => seat.status === SeatStatus.SOLD).map(({ seat }) => seat)).to.deep.equal([
      'A-1-1',
      'A-1-2',
    ])
    const stored = await ada.settled(payment.paymentId)
    expect(stored.transitions.map(({ status }) => status)).to.deep.equal([
      PaymentStatus.PENDING,
      PaymentStatus.PROCESSING,
      PaymentStatus.COMPLETED,
    ])
    ada.close()
  })

  it('answers PENDING at once when the caller does not wait', async () => {
    const concert = await newConcert(system)
    const ada = await newCustomer(system, { points: 1_000n })
    const payment = await ada.checkout(await ada.hold(concert, ['A-1-1']))
    expect(payment.status).to.equal(PaymentStatus.PENDING)
    expect((await ada.settled(payment.paymentId)).status).to.equal(PaymentStatus.COMPLETED)
    ada.close()
  })

  it('fails without a refund when the wallet holds too little', async () => {
    const ada = await newCustomer(system, { points: seatPrice - 1n })
    const payment = await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))
    expectFailure(payment, FailureReason.INSUFFICIENT_POINTS, RefundState.NONE)
    expect(await ada.balance()).to.equal(seatPrice - 1n)
    ada.close()
  })

  it('fails without a refund when there is no wallet', async () => {
    const ada = await newCustomer(system)
    const payment = await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))
    expectFailure(payment, FailureReason.UNKNOWN_WALLET, RefundState.NONE)
    ada.close()
  })

  it('gives the points back when the hold has expired', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const reservation = await ada.hold(await newConcert(system), ['A-1-1'])
    await expire(system, reservation.reservationId)
    const payment = await ada.buy(reservation)
    expectFailure(payment, FailureReason.HOLD_EXPIRED, RefundState.DONE)
    expect(await ada.balance()).to.equal(1_000n)
    ada.close()
  })

  it('sells the seats of an expired hold to another customer, without a job having to run', async () => {
    const concert = await newConcert(system)
    const ada = await newCustomer(system, { points: 1_000n })
    const bob = await newCustomer(system, { points: 1_000n })
    const expired = await ada.hold(concert, ['A-1-1'])
    await expire(system, expired.reservationId)
    const payment = await bob.buy(await bob.hold(concert, ['A-1-1']))
    expect(payment.status).to.equal(PaymentStatus.COMPLETED)
    const late = await ada.buy(expired)
    expectFailure(late, FailureReason.HOLD_EXPIRED, RefundState.DONE)
    ada.close()
    bob.close()
  })

  it('gives the points back when the seats were released', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const concert = await newConcert(system)
    const { paymentId } = await whileUnheard(system, async () => {
      const reservation = await ada.hold(concert, ['A-1-1'])
      const { reservationId } = reservation
      const released = await ada.reservations.releaseReservation({ requestId: randomUUID(), reservationId })
      expect(released.reservation?.status).to.equal(ReservationStatus.RELEASED)
      return await ada.checkout(reservation)
    })
    expectFailure(await ada.settled(paymentId), FailureReason.RELEASED, RefundState.DONE)
    expect(await ada.balance()).to.equal(1_000n)
    ada.close()
  })

  it('gives the points back when the amount is not the price', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const concert = await newConcert(system)
    const { reservation, paymentId } = await whileUnheard(system, async () => {
      const reservation = await ada.hold(concert, ['A-1-1'])
      return { reservation, ...(await ada.checkout({ ...reservation, totalPrice: seatPrice - 1n })) }
    })
    expectFailure(await ada.settled(paymentId), FailureReason.AMOUNT_MISMATCH, RefundState.DONE)
    expect(await ada.balance()).to.equal(1_000n)
    expect((await ada.buy(reservation)).status, 'a second try').to.equal(PaymentStatus.COMPLETED)
    ada.close()
  })

  it("gives the points back when the reservation is another customer's", async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const eve = await newCustomer(system, { points: 1_000n })
    const concert = await newConcert(system)
    const { paymentId } = await whileUnheard(system, async () =>
      eve.checkout(await ada.hold(concert, ['A-1-1'])),
    )
    expectFailure(await eve.settled(paymentId), FailureReason.NOT_HOLDER, RefundState.DONE)
    expect(await eve.balance()).to.equal(1_000n)
    ada.close()
    eve.close()
  })

  it('gives the points back when the reservation does not exist', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const held = await ada.hold(await newConcert(system), ['A-1-1'])
    const payment = await ada.buy({ ...held, reservationId: randomUUID() })
    expectFailure(payment, FailureReason.UNKNOWN_RESERVATION, RefundState.DONE)
    ada.close()
  })

  it('is refused for a reservation that has been paid', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const reservation = await ada.hold(await newConcert(system), ['A-1-1'])
    await ada.buy(reservation)
    await expectRefusal(ada.buy(reservation), Code.FAILED_PRECONDITION, 'RESERVATION_IN_PAYMENT')
    ada.close()
  })

  describe('while point does not answer', () => {
    it('fails at its deadline, and the points that were taken after it come back', async () => {
      const ada = await newCustomer(system, { points: 1_000n })
      const reservation = await ada.hold(await newConcert(system), ['A-1-1'])
      await whilePaused(system, 'point', async () => {
        const { paymentId } = await ada.checkout(reservation)
        await sql(
          system,
          'payment',
          `UPDATE payment SET deadline = now() + interval '1 s' WHERE payment_id = $1`,
          [paymentId],
        )
        const failed = await waitForStatus(ada, paymentId, PaymentStatus.FAILED)
        expectFailure(failed, FailureReason.TIMED_OUT, RefundState.PENDING)
      })
      const [payment] = (await ada.payments.listPayments({})).payments
      const settled = await ada.settled(payment?.paymentId ?? '')
      expectFailure(settled, FailureReason.TIMED_OUT, RefundState.DONE)
      expect(await ada.balance()).to.equal(1_000n)
      ada.close()
    })

    it('can be cancelled, and the points come back', async () => {
      const ada = await newCustomer(system, { points: 1_000n })
      const reservation = await ada.hold(await newConcert(system), ['A-1-1'])
      const paymentId = await whilePaused(system, 'point', async () => {
        const { paymentId } = await ada.checkout(reservation)
        const { payment } = await ada.payments.cancelPayment({ requestId: randomUUID(), paymentId })
        expect(payment?.status).to.equal(PaymentStatus.FAILED)
        return paymentId
      })
      expectFailure(await ada.settled(paymentId), FailureReason.CANCELLED, RefundState.DONE)
      expect(await ada.balance()).to.equal(1_000n)
      ada.close()
    })
  })

  it('cannot be cancelled once it is COMPLETED', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const { paymentId } = await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))
    const cancel = ada.payments.cancelPayment({ requestId: randomUUID(), paymentId })
    await expectRefusal(cancel, Code.FAILED_PRECONDITION, 'PAYMENT_NOT_PENDING')
    ada.close()
  })
})

function expectFailure(payment: Payment, reason: FailureReason, refund: RefundState): void {
  expect({
    status: nameOf(PaymentStatusSchema, payment.status),
    reason: nameOf(FailureReasonSchema, payment.failureReason),
    refund: nameOf(RefundStateSchema, payment.refund),
  }).to.deep.equal({
    status: 'FAILED',
    reason: nameOf(FailureReasonSchema, reason),
    refund: nameOf(RefundStateSchema, refund),
  })
}

async function waitForStatus(
  { payments }: Awaited<ReturnType<typeof newCustomer>>,
  paymentId: string,
  status: PaymentStatus,
): Promise<Payment> {
  for await (const { payment } of payments.watchPayment({ paymentId })) {
    if (payment?.status === status) return payment
  }
  throw new Error(`payment ${paymentId} ended without ${nameOf(PaymentStatusSchema, status)}`)
}

/** Moves a hold's expiry into the past, with the same effect as waiting for it. */
async function expire(system: TestSystem, reservationId: string): Promise<void> {
  const past = `now() - interval '1 second'`
  await sql(system, 'reservation', `UPDATE reservation SET held_until = ${past} WHERE reservation_id = $1`, [
    reservationId,
  ])
  await sql(system, 'reservation', `UPDATE seat SET held_until = ${past} WHERE reservation_id = $1`, [
    reservationId,
  ])
}
