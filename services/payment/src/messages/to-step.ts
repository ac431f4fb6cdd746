import type { ReceivedMessage } from '@boxoffice/messaging'
import type { PaymentStep } from '../contract/payment-step.ts'
import type { Answers } from '../use-cases/handle-answers.ts'
import { fromPointEvent } from './point-events.ts'
import { fromReservationEvent, reservationIn } from './reservation-events.ts'

/** The answers and reservations in a batch of messages. */
export function toAnswers(messages: readonly ReceivedMessage[]): Answers {
  return {
    steps: messages.flatMap((message) => toStep(message) ?? []),
    reservations: messages.flatMap((message) => reservationIn(message) ?? []),
  }
}

/** The step of a payment's saga that an answer causes; undefined if the message concerns no payment. */
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
