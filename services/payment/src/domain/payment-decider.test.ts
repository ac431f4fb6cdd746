import { expect } from 'chai'
import { acceptPayment } from './payment.ts'
import { createPaymentDecider } from './payment-decider.ts'

describe('the payment decider', () => {
  const decider = createPaymentDecider({ deadlineMs: 30_000, askAgainMs: 10_000, askAgainMaxMs: 300_000 })
  const at = (seconds: number) => new Date(seconds * 1_000)
  const accepted = acceptPayment(
    { paymentId: 'a payment', userId: 'ada', reservationId: 'a reservation', amount: 100n },
    at(0),
    at(30),
  )

  it('decides when an accepted payment asks again and when it gives up', () => {
    expect(decider.atAcceptance).to.deep.equal({ askAgainInMs: 10_000, giveUpInMs: 30_000 })
  })

  it('decides when a question is sent again, and keeps the deadline', () => {
    const { wakeups } = decider.decide(accepted, { type: 'ANSWER_MISSING' }, at(10))
    expect(wakeups).to.deep.equal({ askAgainInMs: 20_000, giveUpInMs: 20_000 })
  })

  it('gives a payment whose points are taken no deadline, and lets it ask for its seats again', () => {
    const { wakeups } = decider.decide(accepted, { type: 'POINTS_TAKEN' }, at(10))
    expect(wakeups).to.deep.equal({ askAgainInMs: 10_000, giveUpInMs: null })
  })

  it('never wakes a final payment', () => {
    const { wakeups } = decider.decide(accepted, { type: 'POINTS_REFUSED', reason: 'CANCELLED' }, at(10))
    expect(wakeups).to.deep.equal({ askAgainInMs: null, giveUpInMs: null })
  })

  it('wakes a payment at once whose deadline has passed', () => {
    expect(decider.wakeupsOf(accepted, at(40)).giveUpInMs).to.equal(0)
  })
})
