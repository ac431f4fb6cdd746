import { expect } from 'chai'
import { releaseReservation } from './release-reservation.ts'
import type { Reservation } from './reservation.ts'

const start = new Date('2026-11-23T20:00:00Z')
const lapse = new Date('2026-11-23T20:05:00Z')
const held: Reservation = {
  reservationId: 'reservation-1',
  userId: 'alice',
  concertId: 'concert-1',
  seats: ['A-1-1'],
  totalPrice: 100n,
  state: 'HELD',
  heldUntil: lapse,
  paymentId: null,
  version: 1,
  createdAt: start,
}

describe('releasing a reservation', () => {
  it('gives held seats back and ends the hold', () => {
    expect(releaseReservation(held, start)).to.deep.equal({
      outcome: 'RELEASED',
      reservation: { ...held, state: 'RELEASED', heldUntil: start, version: 2 },
    })
  })

  it('changes nothing in a reservation that was given back before', () => {
    expect(releaseReservation({ ...held, state: 'RELEASED' }, start).outcome).to.equal('UNCHANGED')
  })

  it('changes nothing in a reservation that has lapsed', () => {
    expect(releaseReservation(held, lapse).outcome).to.equal('UNCHANGED')
  })

  it('refuses a reservation that is sold, however late', () => {
    const sold: Reservation = { ...held, state: 'SOLD', paymentId: 'payment-1' }
    expect(releaseReservation(sold, lapse).outcome).to.equal('SOLD')
  })
})
