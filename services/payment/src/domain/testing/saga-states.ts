import { acceptPayment, type Facts, type Payment, type Status } from '../payment.ts'
import type { SagaMessage } from '../saga.ts'

export const accepted = acceptPayment(
  { paymentId: 'a payment', userId: 'ada', reservationId: 'a reservation', amount: 100n },
  new Date('2026-11-23T10:00:00Z'),
  new Date('2026-11-23T10:00:30Z'),
)
export const now = new Date('2026-11-23T10:00:01Z')

/** Every state that a payment can reach, named after the path to it. */
export const states = {
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

export type State = keyof typeof states

export const messages = {
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

export type MessageName = keyof typeof messages

/** Returns a payment in a state. Every failed payment has the same reason. */
export function paymentIn(state: State): Payment {
  const [points, seats, refund, status] = states[state]
  return {
    ...accepted,
    points,
    seats,
    refund,
    failureReason: status === 'FAILED' ? 'HOLD_EXPIRED' : null,
  }
}
