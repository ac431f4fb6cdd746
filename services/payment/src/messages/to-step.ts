import type { ReceivedMessage } from '@boxoffice/messaging'
import type { PaymentStep } from '../contract/payment-step.ts'
import { fromPointEvent } from './point-events.ts'
import { fromReservationEvent } from './reservation-events.ts'

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
