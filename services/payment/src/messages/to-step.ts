import type { ReceivedMessage } from '@boxoffice/messaging'
import type { PaymentStep } from '../contract/payment-step.ts'
import type { Answers } from '../use-cases/handle-answers.ts'
import { fromPointEvent } from './point-events.ts'
import { fromReservationEvent, reservationToldOf } from './reservation-events.ts'

/** What a batch of messages says of payments and reservations. */
export function toAnswers(messages: readonly ReceivedMessage[]): Answers {
  return {
    steps: messages.flatMap((message) => toStep(message) ?? []),
    reservations: messages.flatMap((message) => reservationToldOf(message) ?? []),
  }
}

/** An answer as a step of its payment's saga, which names it as its cause; undefined if it concerns no payment. */
export function toStep(message: ReceivedMessage): PaymentStep | undefined {
  const answer = fromPointEvent(message) ?? fromReservationEvent(message)
  if (answer === undefined) return undefined
  return {
    ...answer,
    // Ids are compared as text here, and PostgreSQL writes them in lower case.
    sagaId: message.subject.toLowerCase(),
    cause: { cause: message.id, causationId: message.id, traceparent: message.traceparent },
  }
}
