import type { OutboxMessage, ReceivedMessage } from '@boxoffice/messaging'
import { continueTrace } from '@boxoffice/messaging/telemetry'
import type { DescMessage } from '@bufbuild/protobuf'
import { createMessage, type NewMessage } from './create-message.ts'

/** What a handler states about a message that a consumed one leads to; the rest follows from the consumed one. */
export type CausedMessage<Desc extends DescMessage> = Omit<
  NewMessage<Desc>,
  'cause' | 'causationId' | 'traceparent'
>

/** Makes the message of a type that `message` leads to. One cause makes at most one message of a type. */
export function causedBy<Desc extends DescMessage>(
  message: ReceivedMessage,
  caused: CausedMessage<Desc>,
): OutboxMessage {
  return createMessage({
    ...caused,
    cause: message.id,
    causationId: message.id,
    traceparent: continueTrace(message.traceparent),
  })
}
