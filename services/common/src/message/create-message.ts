import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { contractOf } from './contract-of.ts'
import { deriveMessageId } from './message-id.ts'
import type { OutboxMessage } from './outbox-message.ts'

/** What a handler or a use case says about a message that it sends; topic, key, subject and source follow from its contract. */
export interface NewMessage<Desc extends DescMessage> {
  readonly schema: Desc
  readonly body: MessageShape<Desc>
  /** What the id is derived from (see {@link deriveMessageId}), unless the contract says so. */
  readonly cause?: string | undefined
  /** The id of the message that led to this one: `ce_causationid`; absent where a user or a deadline did. */
  readonly causationId?: string | undefined
  readonly time: Date
  /** W3C trace context of the request or message that led to this one. */
  readonly traceparent?: string | undefined
}

const keyEncoder = new TextEncoder()

/**
 * Makes the outbox row of a message: a CloudEvent in the Kafka binding's binary mode, as its contract says.
 *
 * @throws Error if neither the contract nor the caller says what the id is derived from
 */
export function createMessage<Desc extends DescMessage>(message: NewMessage<Desc>): OutboxMessage {
  const { schema, body, causationId, traceparent } = message
  const contract = contractOf(schema)
  const cause = contract.causeOf(body, causationId) ?? message.cause
  if (!cause) throw new Error(`a ${schema.typeName} has no cause to derive its id from`)
  const id = deriveMessageId(schema.typeName, cause)
  return {
    id,
    topic: contract.topic,
    key: keyEncoder.encode(contract.keyOf(body)),
    type: schema.typeName,
    payload: toBinary(schema, body),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: schema.typeName,
      ce_source: contract.source,
      ce_time: message.time.toISOString(),
      ce_subject: contract.subjectOf(body),
      'content-type': 'application/protobuf',
      ...(causationId === undefined ? {} : { ce_causationid: causationId }),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
  }
}
