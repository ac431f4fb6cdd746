import { createCloudEvent, type NewMessage as NewCloudEvent, type OutboxMessage } from '@boxoffice/messaging'
import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf'
import { contentType, messageTypeOf, schemaOf } from './message-type-of.ts'
import type { ContractedSchema } from './with-contract.ts'

/** What the sender states about a message; topic, key, subject and source follow from its contract. */
export interface NewMessage<Desc extends DescMessage> extends NewCloudEvent<MessageShape<Desc>> {
  readonly schema: Desc | ContractedSchema<Desc>
}

/**
 * Makes the outbox row of a message: a CloudEvent in the Kafka binding's binary mode, as its contract defines it.
 *
 * @throws Error if neither the contract nor the caller gives a cause from which the id is derived
 */
export function createMessage<Desc extends DescMessage>({
  schema,
  ...message
}: NewMessage<Desc>): OutboxMessage {
  return createCloudEvent<Message>(schemaOf(schema).typeName, contentType, messageTypeOf(schema), message)
}
