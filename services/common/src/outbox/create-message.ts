import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { deriveMessageId } from './message-id.ts'
import type { OutboxMessage } from './outbox-message.ts'
import { topicOf } from './topic-of.ts'

/** What a handler or a use case says about a message that it sends. */
export interface NewMessage<Desc extends DescMessage> {
  readonly schema: Desc
  readonly body: MessageShape<Desc>
  /** The partition key, as text: user id, payment id or reservation id. */
  readonly key: string
  /** What the message is about: `ce_subject`, the payment id where there is one. */
  readonly subject: string
  /** What the id is derived from (see {@link deriveMessageId}). */
  readonly cause: string
  /** The id of the message that led to this one: `ce_causationid`; absent where a user or a deadline did. */
  readonly causationId?: string | undefined
  /** The service that sends it: `ce_source`, as in `boxoffice/payment`. */
  readonly source: string
  readonly time: Date
  /** W3C trace context of the request or message that led to this one. */
  readonly traceparent?: string | undefined
}

const keyEncoder = new TextEncoder()

/** Makes the outbox row of a message: a CloudEvent in the Kafka binding's binary mode, for the topic of its contract. */
export function createMessage<Desc extends DescMessage>(message: NewMessage<Desc>): OutboxMessage {
  const id = deriveMessageId(message.schema.typeName, message.cause)
  return {
    id,
    topic: topicOf(message.schema),
    key: keyEncoder.encode(message.key),
    type: message.schema.typeName,
    payload: toBinary(message.schema, message.body),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: message.schema.typeName,
      ce_source: message.source,
      ce_time: message.time.toISOString(),
      ce_subject: message.subject,
      'content-type': 'application/protobuf',
      ...(message.causationId === undefined ? {} : { ce_causationid: message.causationId }),
      ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
    },
  }
}
