import { expect } from 'chai'
import { type ConfirmRequest, confirmSeats, type LockedReservation } from './confirm-seats.ts'
import type { Reservation } from './reservation.ts'

const start = new Date('2026-11-23T20:00:00Z')
const later = (ms: number): Date => new Date(start.getTime() + ms)

const held: Reservation = {
  reservationId: 'reservation-1',
  userId: 'alice',
  concertId: 'concert-1',
  seats: ['A-1-1', 'A-1-2'],
  totalPrice: 200n,
  state: 'HELD',
  heldUntil: later(1_000),
  paymentId: null,
  version: 1,
  createdAt: start,
}
const request: ConfirmRequest = {
  paymentId: 'payment-1',
  reservationId: 'reservation-1',
  userId: 'alice',
  amount: 200n,
}

describe('confirming seats', () => {
  it('sells held seats to the payment', () => {
    const decision = confirmSeats(locked(held), undefined, request, later(999))
    expect(decision).to.deep.equal({
      confirmation: {
        paymentId: 'payment-1',
        reservationId: 'reservation-1',
        refusal: null,
        decidedAt: later(999),
      },
      sold: { ...held, state: 'SOLD', paymentId: 'payment-1', version: 2 },
    })
  })

  it('refuses a reservation that does not exist', () => {
    expect(refusal(undefined)).to.equal('UNKNOWN_RESERVATION')
  })

  it('refuses a payment of another user', () => {
    expect(refusal(held, { userId: 'bob' })).to.equal('NOT_HOLDER')
  })

  it('refuses seats that are sold to another payment', () => {
    expect(refusal({ ...held, state: 'SOLD', paymentId: 'payment-0', version: 2 })).to.equal('ALREADY_SOLD')
  })

  it('refuses seats that were given back', () => {
    expect(refusal({ ...held, state: 'RELEASED', version: 2 })).to.equal('RELEASED')
  })

  it('refuses an amount that is not the total price, too high or too low', () => {
    expect(refusal(held, { amount: 199n })).to.equal('AMOUNT_MISMATCH')
    expect(refusal(held, { amount: 201n })).to.equal('AMOUNT_MISMATCH')
  })

  it('refuses a hold from the moment at which it lapses, even if the seats are still free', () => {
    expect(confirmSeats(locked(held), undefined, request, later(1_000)).confirmation.refusal).to.equal(
      'HOLD_EXPIRED',
    )
  })

  it('refuses a hold whose seats have passed to another reservation, even if the clock has gone back to before its lapse', () => {
    const lost = { reservation: held, ownsItsSeats: false }
    expect(confirmSeats(lost, undefined, request, start).confirmation.refusal).to.equal('HOLD_EXPIRED')
  })

  it('sells nothing when it refuses', () => {
    expect(confirmSeats(locked(held), undefined, { ...request, amount: 1n }, start).sold).to.equal(undefined)
  })

  it('answers a known payment with the recorded outcome, whatever has happened since', () => {
    const refused = confirmSeats(locked(held), undefined, { ...request, amount: 1n }, start).confirmation
    expect(confirmSeats(locked(held), refused, request, start)).to.deep.equal({
      confirmation: refused,
      sold: undefined,
    })
    const accepted = confirmSeats(locked(held), undefined, request, start)
    expect(confirmSeats(locked(accepted.sold), accepted.confirmation, request, later(5_000))).to.deep.equal({
      confirmation: accepted.confirmation,
      sold: undefined,
    })
  })

  it('sells to another payment after it refused one', () => {
    const refused = confirmSeats(locked(held), undefined, { ...request, amount: 1n }, start)
    expect(refused.confirmation.refusal).to.equal('AMOUNT_MISMATCH')
    const second = confirmSeats(locked(held), undefined, { ...request, paymentId: 'payment-2' }, start)
    expect(second.sold?.paymentId).to.equal('payment-2')
  })

  it('confirms again to a payment that owns the seats, although its confirmation was lost', () => {
    const { sold } = confirmSeats(locked(held), undefined, request, start)
    const again = confirmSeats(locked(sold), undefined, request, later(5_000))
    expect(again.confirmation.refusal).to.equal(null)
    expect(again.sold).to.equal(undefined)
  })
})

function refusal(reservation: Reservation | undefined, change: Partial<ConfirmRequest> = {}): unknown {
  const decision = confirmSeats(locked(reservation), undefined, { ...request, ...change }, start)
  expect(decision.sold).to.equal(undefined)
  return decision.confirmation.refusal
}

function locked(reservation: Reservation | undefined): LockedReservation | undefined {
  return reservation === undefined ? undefined : { reservation, ownsItsSeats: true }
}
