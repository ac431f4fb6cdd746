import { type MessageType, PoisonError } from '@boxoffice/messaging'
import { type DescMessage, fromBinary, type Message, toBinary, toJsonString } from '@bufbuild/protobuf'
import { createValidator } from '@bufbuild/protovalidate'
import { contractOf } from './contract-of.ts'
import type { ContractedSchema } from './with-contract.ts'

/** The header `content-type` of each record. */
export const contentType = 'application/protobuf'

const validator = createValidator()

const known = new WeakMap<object, MessageType<Message>>()

/** The message type of a protobuf message with a contract. @throws Error if it has no contract */
export function messageTypeOf(given: DescMessage | ContractedSchema): MessageType<Message> {
  let type = known.get(given)
  if (type === undefined) {
    const schema = schemaOf(given)
    type = {
      ...('contract' in given ? given.contract : contractOf(schema)),
      encode: (body) => toBinary(schema, body),
      decode: (value) => decodeBody(schema, value),
      toJson: (body) => toJsonString(schema, body, { alwaysEmitImplicit: true }),
    }
    known.set(given, type)
  }
  return type
}

export function schemaOf(given: DescMessage | ContractedSchema): DescMessage {
  return 'contract' in given ? given.schema : given
}

function decodeBody(schema: DescMessage, value: Buffer): Message {
  let body: Message
  try {
    body = fromBinary(schema, value)
  } catch (error) {
    const why = error instanceof Error ? error.message : error
    throw new PoisonError('UNDECODABLE', `not a ${schema.typeName}: ${why}`)
  }
  const result = validator.validate(schema, body)
  if (result.kind === 'valid') return body
  throw new PoisonError('RULE_VIOLATED', `${schema.typeName}: ${result.error?.message}`)
}
