import { expect } from 'chai'
import type { Facts, Payment } from './payment.ts'
import { type Command, decide, type SagaMessage } from './saga.ts'
import { type MessageName, messages, now, paymentIn, type State, states } from './testing/saga-states.ts'

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
})

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
