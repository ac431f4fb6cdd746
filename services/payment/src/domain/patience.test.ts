import { expect } from 'chai'
import { askAgainInMs } from './patience.ts'
import { acceptPayment } from './payment.ts'

describe('a payment that waits for an answer', () => {
  const patience = { deadlineMs: 30_000, askAgainMs: 10_000, askAgainMaxMs: 300_000 }

  it('asks again after twice as long each time, up to a limit', () => {
    const waits = [0, 1, 4, 5, 2_000].map((attempt) => askAgainInMs({ ...pending, attempt }, patience))
    expect(waits).to.deep.equal([10_000, 20_000, 160_000, 300_000, 300_000])
  })

  it('does not ask again once it is final', () => {
    expect(askAgainInMs({ ...pending, points: 'TAKEN', seats: 'SOLD' }, patience)).to.equal(null)
  })
})

const pending = acceptPayment(
  { paymentId: 'a payment', userId: 'ada', reservationId: 'a reservation', amount: 100n },
  new Date(0),
  new Date(0),
)
