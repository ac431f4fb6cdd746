import { expect } from 'chai'
import fc from 'fast-check'
import { acceptPayment, type Facts, isFinal, type Payment, type Status, statusOf } from './payment.ts'
import { type Command, decide, openQuestion, type SagaMessage } from './saga.ts'

const accepted = acceptPayment(
  { paymentId: 'a payment', userId: 'ada', reservationId: 'a reservation', amount: 100n },
  new Date('2026-11-23T10:00:00Z'),
  new Date('2026-11-23T10:00:30Z'),
)
const now = new Date('2026-11-23T10:00:01Z')

/** Every state that a payment can reach, named after the path to it. */
const states = {
  accepted: ['UNKNOWN', 'UNKNOWN', 'NONE', 'PENDING'],
  pointsTaken: ['TAKEN', 'UNKNOWN', 'NONE', 'PROCESSING'],
  pointsRefused: ['REFUSED', 'UNKNOWN', 'NONE', 'FAILED'],
  soldPointsUnknown: ['UNKNOWN', 'SOLD', 'NONE', 'PROCESSING'],
  sold: ['TAKEN', 'SOLD', 'NONE', 'COMPLETED'],
  seatsRefusedPointsUnknown: ['UNKNOWN', 'REFUSED', 'PENDING', 'FAILED'],
  seatsRefusedPointsRefused: ['REFUSED', 'REFUSED', 'PENDING', 'FAILED'],
  seatsRefusedPointsRefusedRefunded: ['REFUSED', 'REFUSED', 'DONE', 'FAILED'],
  seatsRefused: ['TAKEN', 'REFUSED', 'PENDING', 'FAILED'],
  seatsRefusedRefunded: ['TAKEN', 'REFUSED', 'DONE', 'FAILED'],
  givenUp: ['UNKNOWN', 'UNKNOWN', 'PENDING', 'FAILED'],
  givenUpTaken: ['TAKEN', 'UNKNOWN', 'PENDING', 'FAILED'],
  givenUpRefused: ['REFUSED', 'UNKNOWN', 'PENDING', 'FAILED'],
  givenUpTakenRefunded: ['TAKEN', 'UNKNOWN', 'DONE', 'FAILED'],
  givenUpRefusedRefunded: ['REFUSED', 'UNKNOWN', 'DONE', 'FAILED'],
} as const satisfies Record<string, readonly [Facts['points'], Facts['seats'], Facts['refund'], Status]>

type State = keyof typeof states

const messages = {
  taken: { type: 'POINTS_TAKEN' },
  refused: { type: 'POINTS_REFUSED', reason: 'INSUFFICIENT_POINTS' },
  sold: { type: 'SEATS_SOLD' },
  seatsRefused: { type: 'SEATS_REFUSED', reason: 'HOLD_EXPIRED' },
  refunded: { type: 'POINTS_REFUNDED', amount: 100n },
  nothingRefunded: { type: 'POINTS_REFUNDED', amount: 0n },
  cancel: { type: 'CANCEL_REQUESTED' },
  deadline: { type: 'DEADLINE_PASSED' },
  missing: { type: 'ANSWER_MISSING' },
} as const satisfies Record<string, SagaMessage>

type MessageName = keyof typeof messages

/** `same`: nothing changes; `!`: contradiction; `?COMMAND`: asked again; else the new state, and the command. */
type Outcome = 'same' | '!' | `?${Command}` | State | `${State} ${Command}`

const table: Record<State, Record<MessageName, Outcome>> = {
  accepted: {
    taken: 'pointsTaken CONFIRM_SEATS',
    refused: 'pointsRefused',
    sold: 'soldPointsUnknown',
    seatsRefused: 'seatsRefusedPointsUnknown REFUND_POINTS',
    refunded: '!',
    nothingRefunded: '!',
    cancel: 'givenUp REFUND_POINTS',
    deadline: 'givenUp REFUND_POINTS',
    missing: '?USE_POINTS',
  },
  pointsTaken: {
    taken: 'same',
    refused: '!',
    sold: 'sold',
    seatsRefused: 'seatsRefused REFUND_POINTS',
    refunded: '!',
    nothingRefunded: '!',
    cancel: 'same',
    deadline: 'same',
    missing: '?CONFIRM_SEATS',
  },
  pointsRefused: {
    taken: '!',
    refused: 'same',
    sold: '!',
    seatsRefused: '!',
    refunded: '!',
    nothingRefunded: '!',
    cancel: 'same',
    deadline: 'same',
    missing: 'same',
  },
  soldPointsUnknown: {
    taken: 'sold',
    refused: '!',
    sold: 'same',
    seatsRefused: '!',
    refunded: '!',
    nothingRefunded: '!',
    cancel: 'same',
    deadline: 'same',
    missing: '?USE_POINTS',
  },
  sold: {
    taken: 'same',
    refused: '!',
    sold: 'same',
    seatsRefused: '!',
    refunded: '!',
    nothingRefunded: '!',
    cancel: 'same',
    deadline: 'same',
    missing: 'same',
  },
  seatsRefusedPointsUnknown: {
    taken: 'seatsRefused',
    refused: 'seatsRefusedPointsRefused',
    sold: '!',
    seatsRefused: 'same',
    refunded: 'seatsRefusedRefunded',
    nothingRefunded: 'seatsRefusedPointsRefusedRefunded',
    cancel: 'same',
    deadline: 'same',
    missing: '?REFUND_POINTS',
  },
  seatsRefusedPointsRefused: {
    taken: '!',
    refused: 'same',
    sold: '!',
    seatsRefused: 'same',
    refunded: '!',
    nothingRefunded: 'seatsRefusedPointsRefusedRefunded',
    cancel: 'same',
    deadline: 'same',
    missing: '?REFUND_POINTS',
  },
  seatsRefusedPointsRefusedRefunded: {
    taken: '!',
    refused: 'same',
    sold: '!',
    seatsRefused: 'same',
    refunded: 'same',
    nothingRefunded: 'same',
    cancel: 'same',
    deadline: 'same',
    missing: 'same',
  },
  seatsRefused: {
    taken: 'same',
    refused: '!',
    sold: '!',
    seatsRefused: 'same',
    refunded: 'seatsRefusedRefunded',
    nothingRefunded: '!',
    cancel: 'same',
    deadline: 'same',
    missing: '?REFUND_POINTS',
  },
  seatsRefusedRefunded: {
    taken: 'same',
    refused: '!',
    sold: '!',
    seatsRefused: 'same',
    refunded: 'same',
    nothingRefunded: 'same',
    cancel: 'same',
    deadline: 'same',
    missing: 'same',
  },
  givenUp: {
    taken: 'givenUpTaken',
    refused: 'givenUpRefused',
    sold: '!',
    seatsRefused: 'same',
    refunded: 'givenUpTakenRefunded',
    nothingRefunded: 'givenUpRefusedRefunded',
    cancel: 'same',
    deadline: 'same',
    missing: '?REFUND_POINTS',
  },
  givenUpTaken: {
    taken: 'same',
    refused: '!',
    sold: '!',
    seatsRefused: 'same',
    refunded: 'givenUpTakenRefunded',
    nothingRefunded: '!',
    cancel: 'same',
    deadline: 'same',
    missing: '?REFUND_POINTS',
  },
  givenUpRefused: {
    taken: '!',
    refused: 'same',
    sold: '!',
    seatsRefused: 'same',
    refunded: '!',
    nothingRefunded: 'givenUpRefusedRefunded',
    cancel: 'same',
    deadline: 'same',
    missing: '?REFUND_POINTS',
  },
  givenUpTakenRefunded: {
    taken: 'same',
    refused: '!',
    sold: '!',
    seatsRefused: 'same',
    refunded: 'same',
    nothingRefunded: 'same',
    cancel: 'same',
    deadline: 'same',
    missing: 'same',
  },
  givenUpRefusedRefunded: {
    taken: '!',
    refused: 'same',
    sold: '!',
    seatsRefused: 'same',
    refunded: 'same',
    nothingRefunded: 'same',
    cancel: 'same',
    deadline: 'same',
    missing: 'same',
  },
}

describe('the saga', () => {
  for (const [state, row] of Object.entries(table) as [State, Record<MessageName, Outcome>][]) {
    describe(`of a payment that is ${state}`, () => {
      for (const [name, outcome] of Object.entries(row) as [MessageName, Outcome][]) {
        it(`answers ${name} with ${outcome}`, () => {
          const payment = paymentIn(state)
          expect(outcomeOf(payment, messages[name])).to.equal(outcome)
        })
      }
    })
  }

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

function paymentIn(state: State): Payment {
  const [points, seats, refund, status] = states[state]
  return {
    ...accepted,
    points,
    seats,
    refund,
    failureReason: status === 'FAILED' ? 'HOLD_EXPIRED' : null,
  }
}

function outcomeOf(payment: Payment, message: SagaMessage): string {
  const decision = decide(payment, message, now)
  switch (decision.type) {
    case 'UNCHANGED':
      return 'same'
    case 'CONTRADICTION':
      return '!'
    case 'ASKED_AGAIN':
      return `?${decision.command}`
    case 'CHANGED':
      return [stateOf(decision.payment), decision.command].filter((part) => part !== undefined).join(' ')
  }
}

function stateOf(facts: Facts): State {
  const found = (Object.keys(states) as State[]).find((state) => {
    const [points, seats, refund] = states[state]
    return facts.points === points && facts.seats === seats && facts.refund === refund
  })
  if (found === undefined) throw new Error(`no such state: ${facts.points} ${facts.seats} ${facts.refund}`)
  return found
}
