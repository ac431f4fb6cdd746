import { expect } from 'chai'
import fc from 'fast-check'
import { type Facts, isFinal, statusOf } from './payment.ts'
import { decide, openQuestion, type SagaMessage } from './saga.ts'
import {
  accepted,
  type MessageName,
  messages,
  now,
  paymentIn,
  type State,
  states,
} from './testing/saga-states.ts'

describe('the saga', () => {
  it('numbers each transition and records its time', () => {
    const decision = decide(paymentIn('accepted'), messages.taken, now)
    expect(decision.payment).to.include({ sequence: 2, updatedAt: now, createdAt: accepted.createdAt })
  })

  it('does not number a question that is asked again, but counts the attempt', () => {
    const { payment } = decide(paymentIn('pointsTaken'), messages.missing, now)
    expect(payment).to.include({ sequence: 1, attempt: 1, updatedAt: accepted.createdAt })
  })

  it('keeps the first reason why it failed', () => {
    const cancelled = decide(paymentIn('accepted'), messages.cancel, now).payment
    const { payment } = decide(cancelled, messages.refused, now)
    expect(payment.failureReason).to.equal('CANCELLED')
  })

  it('names a transition after the status that it led to, and SETTLED if that was FAILED before', () => {
    const events = [
      decide(paymentIn('accepted'), messages.taken, now),
      decide(paymentIn('pointsTaken'), messages.sold, now),
      decide(paymentIn('accepted'), messages.deadline, now),
      decide(paymentIn('givenUp'), messages.taken, now),
      decide(paymentIn('seatsRefused'), messages.refunded, now),
    ].map((decision) => decision.type === 'CHANGED' && decision.event)
    expect(events).to.deep.equal(['PROCESSING', 'COMPLETED', 'FAILED', 'SETTLED', 'SETTLED'])
  })

  it('infers no fact from another: each message changes the fact that it reports, and whether a refund is due', () => {
    const reported: Record<MessageName, readonly (keyof Facts)[]> = {
      taken: ['points'],
      refused: ['points'],
      sold: ['seats'],
      seatsRefused: ['seats', 'refund'],
      // A refund of more than 0 says that the points had been taken; a refund of 0 says that they had not.
      refunded: ['points', 'refund'],
      nothingRefunded: ['points', 'refund'],
      cancel: ['refund'],
      deadline: ['refund'],
      missing: [],
    }
    for (const state of Object.keys(states) as State[]) {
      for (const [name, message] of Object.entries(messages) as [MessageName, SagaMessage][]) {
        const before = paymentIn(state)
        const { payment } = decide(before, message, now)
        const changed = (['points', 'seats', 'refund'] as const).filter(
          (fact) => payment[fact] !== before[fact],
        )
        expect(reported[name], `${name} of ${state}`).to.include.members(changed)
      }
    }
  })

  it('completes no payment before point has reported that its points were taken, in whatever order answers come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...(Object.keys(messages) as MessageName[])), { maxLength: 12 }),
        (names) => {
          let payment = accepted
          const heard = new Set<MessageName>()
          for (const name of names) {
            const decision = decide(payment, messages[name], now)
            if (decision.type !== 'CONTRADICTION') heard.add(name)
            payment = decision.payment
          }
          const status = statusOf(payment)
          if (status === 'COMPLETED') expect([...heard]).to.include.members(['taken', 'sold'])
          if (payment.seats === 'SOLD') expect(['PROCESSING', 'COMPLETED']).to.include(status)
        },
      ),
    )
  })

  it('derives the status from the facts', () => {
    for (const [state, [points, seats, refund, status]] of Object.entries(states)) {
      expect(statusOf({ points, seats, refund }), state).to.equal(status)
    }
  })

  it('never dates a transition before the previous one, whatever the clock does', () => {
    const before = new Date(accepted.createdAt.getTime() - 60_000)
    const { payment } = decide(paymentIn('accepted'), messages.taken, before)
    expect(payment).to.include({ sequence: 2, updatedAt: accepted.createdAt })
  })

  it('has an open question exactly until it is final', () => {
    for (const state of Object.keys(states) as State[]) {
      const payment = paymentIn(state)
      expect(openQuestion(payment) === undefined, state).to.equal(isFinal(payment))
    }
  })

  it('never leaves a final state, whatever message comes', () => {
    for (const state of (Object.keys(states) as State[]).filter((name) => isFinal(paymentIn(name)))) {
      for (const message of Object.values(messages)) {
        expect(decide(paymentIn(state), message, now).type).to.be.oneOf(['UNCHANGED', 'CONTRADICTION'])
      }
    }
  })
})
