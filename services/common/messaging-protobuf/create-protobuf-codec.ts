import { type BodyCodec, createCodec, type ReceivedMessage } from '@boxoffice/messaging'
import type { DescMessage, Message } from '@bufbuild/protobuf'
import { contentType, messageTypeOf, schemaOf } from './message-type-of.ts'
import type { ContractedSchema } from './with-contract.ts'

/** A consumed message whose body is of the schema that its type names. */
export type ProtobufMessage = ReceivedMessage<Message>

/**
 * Makes a codec of protobuf messages: each is checked against its protovalidate rules and its contract.
 *
 * @param schemas - all types that may be in the topics, including those that a handler only passes over. Each has its
 *   contract in its options, or by `withContract`
 * @throws Error if one has no contract
 *
 * @example
 * const handler = { topics: [topicOf(OrderPlacedSchema)], codec: createProtobufCodec([OrderPlacedSchema]), handle }
 */
export function createProtobufCodec(
  schemas: readonly (DescMessage | ContractedSchema)[],
): BodyCodec<ProtobufMessage> {
  const types = schemas.map((schema) => [schemaOf(schema).typeName, messageTypeOf(schema)])
  return createCodec(contentType, Object.fromEntries(types)) as BodyCodec<ProtobufMessage>
}

/** The names of types, as a codec and `discarding` use them. */
export function typeNames(schemas: readonly DescMessage[]): string[] {
  return schemas.map(({ typeName }) => typeName)
}
