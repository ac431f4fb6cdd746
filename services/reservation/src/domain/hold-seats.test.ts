import { expect } from 'chai'
import { type HoldRequest, holdSeats, type Seat } from './hold-seats.ts'

const now = new Date('2026-11-23T20:00:00Z')
const free: Seat = { seat: 'A-1-1', price: 100n, sold: false, heldUntil: null }
const request: HoldRequest = {
  reservationId: 'reservation-1',
  userId: 'alice',
  concertId: 'concert-1',
  seats: ['A-1-2', 'A-1-1'],
  durationMs: 60_000,
}

describe('holding seats', () => {
  it('holds them all, in the order of the map, for the sum of their prices', () => {
    const hold = holdSeats(request, [free, { ...free, seat: 'A-1-2', price: 250n }], now)
    expect(hold).to.deep.equal({
      outcome: 'HELD',
      reservation: {
        reservationId: 'reservation-1',
        userId: 'alice',
        concertId: 'concert-1',
        seats: ['A-1-1', 'A-1-2'],
        totalPrice: 350n,
        state: 'HELD',
        heldUntil: new Date('2026-11-23T20:01:00Z'),
        paymentId: null,
        version: 1,
        createdAt: now,
      },
    })
  })

  it('names the seats that do not exist', () => {
    expect(holdSeats(request, [free], now)).to.deep.equal({ outcome: 'NOT_FOUND', seats: ['A-1-2'] })
  })

  it('names the seats that are sold or under a live hold', () => {
    const sold = { ...free, sold: true, heldUntil: new Date(0) }
    const held = { ...free, seat: 'A-1-2', heldUntil: new Date(now.getTime() + 1) }
    const hold = holdSeats(request, [sold, held], now)
    expect(hold).to.deep.equal({ outcome: 'UNAVAILABLE', seats: ['A-1-1', 'A-1-2'] })
  })

  it('takes over a seat from the moment on at which its hold lapses', () => {
    const hold = holdSeats({ ...request, seats: ['A-1-1'] }, [{ ...free, heldUntil: now }], now)
    expect(hold.outcome).to.equal('HELD')
  })
})
