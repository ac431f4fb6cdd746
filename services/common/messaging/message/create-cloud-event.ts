import { deriveMessageId } from './message-id.ts'
import type { MessageType } from './message-type.ts'
import type { OutboxMessage } from './outbox-message.ts'

/** What the sender states about a message; topic, key, subject and source follow from its type. */
export interface NewMessage<Body = unknown> {
  readonly body: Body
  /** The text from which the id is derived (see {@link deriveMessageId}), unless the type defines it. */
  readonly cause?: string | undefined
  /** The id of the message that led to this one: `ce_causationid`. Absent if a user or a deadline led to it. */
  readonly causationId?: string | undefined
  readonly time: Date
  /** W3C trace context of the request or message that led to this one. */
  readonly traceparent?: string | undefined
}

const keyEncoder = new TextEncoder()

/**
 * Makes the outbox row of a message: a CloudEvent in the Kafka binding's binary mode, as its type defines it.
 *
 * @throws Error if neither the type nor the caller gives a cause from which the id is derived
 */
export function createCloudEvent<Body>(
  typeName: string,
  contentType: string,
  type: MessageType<Body>,
  { body, causationId, traceparent, time, ...message }: NewMessage<Body>,
): OutboxMessage {
  const read = type.asRead === undefined ? body : type.asRead(body)
  const cause = type.causeOf?.(read, causationId) ?? message.cause
  if (!cause) throw new Error(`a ${typeName} has no cause to derive its id from`)
  const id = deriveMessageId(typeName, cause)
  return {
    id,
    topic: type.topic,
    key: keyEncoder.encode(type.keyOf(read)),
    type: typeName,
    payload: type.encode(body),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: typeName,
      ce_source: type.source,
      ce_time: time.toISOString(),
      ce_subject: type.subjectOf(read),
      'content-type': contentType,
      ...(causationId === undefined ? {} : { ce_causationid: causationId }),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
  }
}
