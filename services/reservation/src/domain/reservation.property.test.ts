import { expect } from 'chai'
import fc from 'fast-check'
import { type Confirmation, confirmSeats } from './confirm-seats.ts'
import type { Holdings, HoldPolicy } from './hold-policy.ts'
import { holdSeats } from './hold-seats.ts'
import { releaseReservation } from './release-reservation.ts'
import { type Reservation, statusAt } from './reservation.ts'

const names = ['A-1-1', 'A-1-2', 'A-1-3', 'A-1-4']
const price = 100n
const durationMs = 10
const policy: HoldPolicy = { seatsPerUserMax: 3, openHoldsMax: 2, pauseMs: 4 }
const users = ['alice', 'bob']

type Step =
  | { readonly kind: 'hold'; readonly userId: string; readonly seats: readonly string[] }
  | { readonly kind: 'release'; readonly nth: number }
  | { readonly kind: 'confirm'; readonly nth: number; readonly payment: number; readonly amount: bigint }
  | { readonly kind: 'wait'; readonly ms: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('hold' as const),
      userId: fc.constantFrom(...users),
      seats: fc.subarray(names, { minLength: 1 }),
    }),
    fc.record({ kind: fc.constant('release' as const), nth: fc.nat(5) }),
    fc.record({
      kind: fc.constant('confirm' as const),
      nth: fc.nat(5),
      payment: fc.nat(5),
      amount: fc.constantFrom(100n, 200n, 300n, 400n),
    }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 12 }) }),
  ),
  { maxLength: 60 },
)

/** A model of storage: one row for each seat, reservation and payment. */
class Hall {
  readonly seats = new Map(
    names.map((seat) => [seat, { sold: false, heldUntil: null as Date | null, owner: '' }]),
  )
  readonly reservations: Reservation[] = []
  readonly confirmations = new Map<string, Confirmation>()
  readonly sales: { readonly seat: string; readonly paymentId: string }[] = []
  now = new Date(0)

  apply(step: Step): void {
    switch (step.kind) {
      case 'hold':
        this.hold(step.userId, step.seats)
        break
      case 'release':
        this.release(step.nth)
        break
      case 'confirm':
        this.confirm(step.nth, step.payment, step.amount)
        break
      case 'wait':
        this.now = new Date(this.now.getTime() + step.ms)
    }
  }

  hold(userId: string, wanted: readonly string[]): void {
    const reservationId = `reservation-${this.reservations.length}`
    const request = { reservationId, userId, concertId: 'c', seats: wanted, durationMs, policy }
    const rows = wanted.map((seat) => ({ seat, price, ...this.row(seat) }))
    const live = wanted.filter((seat) => this.liveOwners(seat).length > 0)
    const holdings = this.holdings(userId, wanted)
    const hold = holdSeats(request, rows, holdings, this.now)
    const isPaused = holdings.lastEnd !== null && this.now.getTime() < holdings.lastEnd.getTime() + 4
    if (live.length > 0) expect(hold.outcome).to.equal('UNAVAILABLE')
    else if (holdings.seats + wanted.length > 3) expect(hold.outcome).to.equal('TOO_MANY_SEATS')
    else if (holdings.openHolds === 2) expect(hold.outcome).to.equal('TOO_MANY_HOLDS')
    else expect(hold.outcome).to.equal(isPaused ? 'PAUSED' : 'HELD')
    if (hold.outcome !== 'HELD') return
    this.reservations.push(hold.reservation)
    for (const seat of wanted) {
      Object.assign(this.row(seat), { heldUntil: hold.reservation.heldUntil, owner: reservationId })
    }
  }

  release(nth: number): void {
    const reservation = this.reservations[nth]
    if (reservation === undefined) return
    const release = releaseReservation(reservation, this.now)
    if (release.outcome !== 'RELEASED') return
    this.reservations[nth] = release.reservation
    for (const seat of reservation.seats) Object.assign(this.row(seat), { heldUntil: null, owner: '' })
  }

  confirm(nth: number, payment: number, amount: bigint): void {
    const reservation = this.reservations[nth]
    const paymentId = `payment-${payment}`
    const known = this.confirmations.get(paymentId)
    const locked = reservation && {
      reservation,
      ownsItsSeats: reservation.seats.every((seat) => this.row(seat).owner === reservation.reservationId),
    }
    const userId = reservation?.userId ?? 'alice'
    const request = { paymentId, reservationId: `reservation-${nth}`, userId, amount }
    const { confirmation, sold } = confirmSeats(locked, known, request, this.now)
    if (known !== undefined) expect(confirmation).to.equal(known)
    expect(sold !== undefined).to.equal(known === undefined && confirmation.refusal === null)
    this.confirmations.set(paymentId, confirmation)
    if (sold === undefined) return
    this.reservations[nth] = sold
    for (const seat of sold.seats) {
      this.row(seat).sold = true
      this.sales.push({ seat, paymentId })
    }
  }

  /** The reservations that hold or have bought a seat now. */
  liveOwners(seat: string): Reservation[] {
    return this.reservations.filter(
      (owner) => owner.seats.includes(seat) && ['HELD', 'SOLD'].includes(statusAt(owner, this.now)),
    )
  }

  /** A user's holdings, as storage would read them. */
  holdings(userId: string, wanted: readonly string[]): Holdings {
    const own = this.reservations.filter((reservation) => reservation.userId === userId)
    const open = own.filter((reservation) => statusAt(reservation, this.now) === 'HELD')
    const bought = own.filter((reservation) => reservation.state === 'SOLD')
    const ends = own
      .filter((reservation) => ['RELEASED', 'EXPIRED'].includes(statusAt(reservation, this.now)))
      .filter((reservation) => reservation.seats.some((seat) => wanted.includes(seat)))
      .map((reservation) => reservation.heldUntil.getTime())
    return {
      seats: [...open, ...bought].reduce((total, { seats }) => total + seats.length, 0),
      openHolds: open.length,
      lastEnd: ends.length === 0 ? null : new Date(Math.max(...ends)),
    }
  }

  row(seat: string) {
    const row = this.seats.get(seat)
    if (row === undefined) throw new Error(`no seat ${seat}`)
    return row
  }
}

describe('any sequence of holds, releases, confirmations and lapses', () => {
  it('leaves each seat with at most one open hold or sale, to a payment that was confirmed, and no user with more than the policy allows', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const hall = new Hall()
        for (const step of sequence) {
          hall.apply(step)
          for (const seat of names) expect(hall.liveOwners(seat).length).to.be.at.most(1)
          for (const user of users) {
            expect(hall.holdings(user, []).seats).to.be.at.most(policy.seatsPerUserMax)
            expect(hall.holdings(user, []).openHolds).to.be.at.most(policy.openHoldsMax)
          }
        }
        expect(new Set(hall.sales.map(({ seat }) => seat)).size).to.equal(hall.sales.length)
        const successes = [...hall.confirmations.values()].filter(({ refusal }) => refusal === null)
        const buyers = new Set(hall.sales.map(({ paymentId }) => paymentId))
        expect(new Set(successes.map(({ paymentId }) => paymentId))).to.deep.equal(buyers)
      }),
      { numRuns: 500 },
    )
  })
})
