import { expect } from 'chai'
import type { Confirmation } from './confirm-seats.ts'
import type { Reservation } from './reservation.ts'
import { type KnownReservations, restoreReservations } from './restore-reservation.ts'

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 23, 10, 0, second))

describe('reservations that are restored', () => {
  it('get the holds, releases, sales and refusals that are missing', () => {
    const facts = [
      { reservation: held('r1'), confirmation: undefined },
      { reservation: sold('r1', 'p1'), confirmation: confirmation('p1', 'r1') },
      { reservation: held('r2'), confirmation: undefined },
      { reservation: released('r2'), confirmation: undefined },
      { reservation: undefined, confirmation: confirmation('p3', 'r3', 'UNKNOWN_RESERVATION') },
    ]
    const restored = restoreReservations(known(), facts)
    expect(restored.reservations).to.deep.equal([sold('r1', 'p1'), released('r2')])
    expect(restored.confirmations).to.deep.equal([
      confirmation('p1', 'r1'),
      confirmation('p3', 'r3', 'UNKNOWN_RESERVATION'),
    ])
    expect(restored).to.deep.include({ applied: 5, contradictions: [] })
  })

  it('stay as they are where everything is known', () => {
    const before = known([sold('r1', 'p1'), held('r2')], [confirmation('p1', 'r1')])
    const facts = [
      { reservation: held('r1'), confirmation: undefined },
      { reservation: sold('r1', 'p1'), confirmation: confirmation('p1', 'r1') },
      { reservation: held('r2'), confirmation: undefined },
    ]
    expect(restoreReservations(before, facts)).to.deep.equal({
      reservations: [],
      confirmations: [],
      applied: 0,
      contradictions: [],
    })
  })

  it('take the later version, whichever was published first, and a sale over everything else', () => {
    const facts = [
      { reservation: sold('r1', 'p1'), confirmation: confirmation('p1', 'r1') },
      { reservation: held('r1'), confirmation: undefined },
    ]
    const { reservations } = restoreReservations(known([released('r1')]), facts)
    expect(reservations).to.deep.equal([sold('r1', 'p1')])
  })

  it('take the first of two answers for a payment', () => {
    const facts = [
      { reservation: held('r1'), confirmation: confirmation('p1', 'r1', 'AMOUNT_MISMATCH') },
      { reservation: held('r1'), confirmation: confirmation('p1', 'r1', 'HOLD_EXPIRED') },
    ]
    const { confirmations } = restoreReservations(known(), facts)
    expect(confirmations).to.deep.equal([confirmation('p1', 'r1', 'AMOUNT_MISMATCH')])
  })

  it('are sold if that was published, although the payment has been refused since the database came back', () => {
    const before = known([held('r1')], [confirmation('p1', 'r1', 'HOLD_EXPIRED')])
    const facts = [{ reservation: sold('r1', 'p1'), confirmation: confirmation('p1', 'r1') }]
    const restored = restoreReservations(before, facts)
    expect(restored.confirmations).to.deep.equal([confirmation('p1', 'r1')])
    expect(restored.reservations).to.deep.equal([sold('r1', 'p1')])
  })

  it('report seats that were sold to a payment after it was refused them', () => {
    const before = known([sold('r1', 'p1')], [confirmation('p1', 'r1')])
    const facts = [{ reservation: held('r1'), confirmation: confirmation('p1', 'r1', 'HOLD_EXPIRED') }]
    expect(restoreReservations(before, facts).contradictions).to.have.length(1)
  })
})

function known(reservations: Reservation[] = [], confirmations: Confirmation[] = []): KnownReservations {
  return {
    reservations: new Map(reservations.map((reservation) => [reservation.reservationId, reservation])),
    confirmations: new Map(confirmations.map((confirmation) => [confirmation.paymentId, confirmation])),
  }
}

function held(reservationId: string): Reservation {
  return {
    reservationId,
    userId: 'ada',
    concertId: 'c1',
    seats: ['A-1-1'],
    totalPrice: 100n,
    state: 'HELD',
    heldUntil: at(30),
    paymentId: null,
    version: 1,
    createdAt: at(0),
  }
}

function released(reservationId: string): Reservation {
  return { ...held(reservationId), state: 'RELEASED', version: 2 }
}

function sold(reservationId: string, paymentId: string): Reservation {
  return { ...held(reservationId), state: 'SOLD', paymentId, version: 2 }
}

function confirmation(
  paymentId: string,
  reservationId: string,
  refusal: Confirmation['refusal'] = null,
): Confirmation {
  return { paymentId, reservationId, refusal, decidedAt: at(1) }
}
