import { type DescField, type DescMessage, getOption, type Message, ScalarType } from '@bufbuild/protobuf'
import { contractOption } from './contract-options.ts'

/** The metadata of a type's records (`boxoffice.type.v1`): senders derive it, and readers check records against it. */
export interface Contract {
  readonly topic: string
  /** The service that owns the type: `ce_source`. */
  readonly source: string
  /** The record's key, by the fields of the message. */
  keyOf(body: Message): string
  /** `ce_subject`, by the fields of the message. */
  subjectOf(body: Message): string
  /**
   * The text from which the id is derived, with the type; undefined if the contract names no field for it.
   *
   * @param causationId - `ce_causationid`
   */
  causeOf(body: Message, causationId: string | undefined): string | undefined
}

const known = new WeakMap<DescMessage, Contract>()

const options = {
  topic: contractOption('topic'),
  source: contractOption('source'),
  key: contractOption('key'),
  subject: contractOption('subject'),
  cause: contractOption('cause'),
}

function optionOf(schema: DescMessage, name: keyof typeof options): string {
  return String(getOption(schema, options[name]))
}

/**
 * The contract of a command or event.
 *
 * @throws Error if the message has none, or only a part of one, or names a field that it does not have
 */
export function contractOf(schema: DescMessage): Contract {
  let contract = known.get(schema)
  if (contract === undefined) {
    contract = readContract(schema)
    known.set(schema, contract)
  }
  return contract
}

/** Whether the message is a command or an event, and so has a contract. */
export function travels(schema: DescMessage): boolean {
  return optionOf(schema, 'topic') !== ''
}

function readContract(schema: DescMessage): Contract {
  if (!travels(schema))
    throw new Error(`${schema.typeName} has no topic: it is neither a command nor an event`)
  const source = optionOf(schema, 'source')
  if (source === '') throw new Error(`${schema.typeName} has no source: nobody owns it`)
  return {
    topic: optionOf(schema, 'topic'),
    source,
    keyOf: textAt(schema, optionOf(schema, 'key')),
    subjectOf: textAt(schema, optionOf(schema, 'subject')),
    causeOf: causeBy(schema, optionOf(schema, 'cause')),
  }
}

/** Reads a field by its path, such as `payment.payment_id`; empty if a message on the path is absent. */
function textAt(schema: DescMessage, path: string): (body: Message) => string {
  const names = fieldNames(schema, path)
  return (body) => {
    let value: unknown = body
    for (const name of names) value = (value as Record<string, unknown> | undefined)?.[name]
    return value === undefined ? '' : String(value)
  }
}

function fieldNames(schema: DescMessage, path: string): string[] {
  let message: DescMessage | undefined = schema
  let field: DescField | undefined
  const names = path.split('.').map((name) => {
    field = message?.fields.find((candidate) => candidate.name === name)
    if (field === undefined || field.oneof !== undefined)
      throw new Error(
        `the contract of ${schema.typeName} names ${JSON.stringify(path)}, which it does not have`,
      )
    message = field.fieldKind === 'message' ? field.message : undefined
    return field.localName
  })
  if (field?.fieldKind !== 'scalar' || ![ScalarType.STRING, ScalarType.INT32].includes(field.scalar))
    throw new Error(`the contract of ${schema.typeName} names ${path}, which is neither text nor a count`)
  return names
}

/** Fills in text such as `hold/{reservation.reservation_id}`. */
function causeBy(schema: DescMessage, template: string): Contract['causeOf'] {
  if (template === '') return () => undefined
  if (template === '{ce_causationid}') return (_body, causationId) => causationId ?? ''
  const parts = template.split(/[{}]/).map((part, nth) => (nth % 2 === 0 ? () => part : textAt(schema, part)))
  return (body) => parts.map((part) => part(body)).join('')
}
