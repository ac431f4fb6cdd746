import { expect } from 'chai'
import { askAgainInMs } from './patience.ts'
import type { Payment } from './payment.ts'

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

const pending: Payment = {
  paymentId: '6fa459ea-ee8a-4ca4-894e-db77e160355e',
  userId: 'ada',
  reservationId: '16fd2706-8baf-433b-82eb-8c7fada847da',
  amount: 100n,
  points: 'UNKNOWN',
  seats: 'UNKNOWN',
  refund: 'NONE',
  failureReason: null,
  sequence: 1,
  attempt: 0,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  deadline: new Date(0),
}
