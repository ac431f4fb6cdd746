import type { ReceivedMessage } from '@boxoffice/common/inbox/message-handler.ts'
import type { SagaMessage } from '../domain/saga.ts'
import type { Step } from '../storage/advance-payments.ts'
import { fromPointEvent } from './point-events.ts'
import { fromReservationEvent } from './reservation-events.ts'

/** What an answer means for its payment; undefined if it concerns none. */
export function toSagaMessage(message: ReceivedMessage): SagaMessage | undefined {
  return fromPointEvent(message) ?? fromReservationEvent(message)
}

/** What an answer leads to names it as its cause. */
export function causeOf(message: ReceivedMessage): Step['cause'] {
  return { cause: message.id, causationId: message.id, traceparent: message.traceparent }
}
