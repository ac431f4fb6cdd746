import { expect } from 'chai'
import type { Holdings, HoldPolicy } from './hold-policy.ts'
import { type Hold, type HoldRequest, holdSeats, type Seat } from './hold-seats.ts'

const now = new Date('2026-11-23T20:00:00Z')
const free: Seat = { seat: 'A-1-1', price: 100n, sold: false, heldUntil: null }
const policy: HoldPolicy = { seatsPerUserMax: 4, openHoldsMax: 2, pauseMs: 60_000 }
const nothing: Holdings = { seats: 0, openHolds: 0, lastEnd: null }
const request: HoldRequest = {
  reservationId: 'reservation-1',
  userId: 'alice',
  concertId: 'concert-1',
  seats: ['A-1-2', 'A-1-1'],
  durationMs: 60_000,
  policy,
}

describe('holding seats', () => {
  it('holds all seats, in the order of the map, for the sum of their prices', () => {
    const hold = holdSeats(request, [free, { ...free, seat: 'A-1-2', price: 250n }], nothing, now)
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
    expect(holdSeats(request, [free], nothing, now)).to.deep.equal({ outcome: 'NOT_FOUND', seats: ['A-1-2'] })
  })

  it('names the seats that are sold or held', () => {
    const sold = { ...free, sold: true, heldUntil: new Date(0) }
    const held = { ...free, seat: 'A-1-2', heldUntil: new Date(now.getTime() + 1) }
    const hold = holdSeats(request, [sold, held], nothing, now)
    expect(hold).to.deep.equal({ outcome: 'UNAVAILABLE', seats: ['A-1-1', 'A-1-2'] })
  })

  it('takes over a seat from the moment at which its hold lapses', () => {
    const hold = holdSeats({ ...request, seats: ['A-1-1'] }, [{ ...free, heldUntil: now }], nothing, now)
    expect(hold.outcome).to.equal('HELD')
  })

  it('refuses more seats than the user may have of the concert, held and bought together, and says how many are left', () => {
    const seats = [free, { ...free, seat: 'A-1-2' }]
    const hold = (held: number) => holdSeats(request, seats, { ...nothing, seats: held }, now)
    expect(hold(2).outcome).to.equal('HELD')
    expect(hold(3)).to.deep.equal({ outcome: 'TOO_MANY_SEATS', seatsPerUserMax: 4, seatsLeft: 1 })
    expect(hold(5)).to.deep.equal({ outcome: 'TOO_MANY_SEATS', seatsPerUserMax: 4, seatsLeft: 0 })
  })

  it('refuses one open hold more than the user may have', () => {
    const hold = (openHolds: number) => holdOne({ ...nothing, openHolds })
    expect(hold(1).outcome).to.equal('HELD')
    expect(hold(2)).to.deep.equal({ outcome: 'TOO_MANY_HOLDS', openHoldsMax: 2 })
  })

  it('refuses seats whose hold by the user ended within the pause, and says how long to wait', () => {
    const hold = (lastEnd: Date) => holdOne({ ...nothing, lastEnd })
    const agoMs = (ms: number) => new Date(now.getTime() - ms)
    expect(hold(agoMs(60_000)).outcome).to.equal('HELD')
    expect(hold(agoMs(59_999))).to.deep.equal({ outcome: 'PAUSED', retryAfterMs: 1 })
  })

  it('reports a taken seat before a limit of the user', () => {
    const taken = { ...free, sold: true, heldUntil: now }
    const hold = holdSeats({ ...request, seats: ['A-1-1'] }, [taken], { ...nothing, openHolds: 2 }, now)
    expect(hold.outcome).to.equal('UNAVAILABLE')
  })
})

function holdOne(holdings: Holdings): Hold {
  return holdSeats({ ...request, seats: ['A-1-1'] }, [free], holdings, now)
}
