import { continueTrace } from '../telemetry/trace-context.ts'
import type { BodyCodec } from './codec.ts'
import { createCloudEvent, type NewMessage } from './create-cloud-event.ts'
import { createCodec } from './create-codec.ts'
import type { MessageType } from './message-type.ts'
import type { OutboxMessage } from './outbox-message.ts'
import { PoisonError } from './poison.ts'
import type { ReceivedMessage } from './received-message.ts'
import type { SchemaIssue, StandardSchema } from './standard-schema.ts'

/** A type of JSON message: the metadata of its records, and the schema of its body. */
export interface JsonType<Body>
  extends Pick<MessageType<NoInfer<Body>>, 'topic' | 'source' | 'keyOf' | 'subjectOf' | 'causeOf'> {
  /** Checks and types the body, when it is read and when it is sent. It must not be asynchronous. */
  readonly schema: StandardSchema<Body>
}

/** A message of one of these types; comparing `type` narrows `body`. */
export type JsonMessage<Bodies> = {
  [Name in keyof Bodies & string]: ReceivedMessage<Bodies[Name], Name>
}[keyof Bodies & string]

export interface JsonCodec<Bodies> extends BodyCodec<JsonMessage<Bodies>> {
  /** Makes the outbox row of a message. @throws Error if its body is not valid, or its id has no cause */
  message<Name extends keyof Bodies & string>(type: Name, message: NewMessage<Bodies[Name]>): OutboxMessage
  /** Makes the message of a type that a consumed one leads to. One cause makes at most one message of a type. */
  causedBy<Name extends keyof Bodies & string>(
    cause: ReceivedMessage,
    type: Name,
    message: Pick<NewMessage<Bodies[Name]>, 'body' | 'time'>,
  ): OutboxMessage
}

const contentType = 'application/json'

/**
 * Makes a codec of JSON messages: CloudEvents in the Kafka binding's binary mode, with the body as JSON in UTF-8.
 *
 * @param types - by their names: `ce_type`
 *
 * @example
 * const codec = createJsonCodec({
 *   'shop.OrderPlaced': {
 *     schema: z.object({ order: z.string(), customer: z.string() }),
 *     topic: 'orders',
 *     source: 'shop',
 *     keyOf: ({ customer }) => customer,
 *     subjectOf: ({ order }) => order,
 *   },
 * })
 */
export function createJsonCodec<Bodies extends Record<string, unknown>>(
  types: {
    readonly [Name in keyof Bodies]: JsonType<Bodies[Name]>
  },
): JsonCodec<Bodies> {
  const known = new Map(
    Object.entries<JsonType<unknown>>(types as never).map(([name, type]) => [
      name,
      messageTypeOf(name, type),
    ]),
  )

  function message<Name extends keyof Bodies & string>(
    name: Name,
    sent: NewMessage<Bodies[Name]>,
  ): OutboxMessage {
    const type = known.get(name)
    if (type === undefined)
      throw new Error(`this codec has no type ${name}; it has ${[...known.keys()].join(', ')}`)
    return createCloudEvent<unknown>(name, contentType, type, sent)
  }

  return {
    ...(createCodec(contentType, Object.fromEntries(known)) as BodyCodec<JsonMessage<Bodies>>),
    message,
    causedBy: ({ id, traceparent }, name, sent) =>
      message(name, { ...sent, cause: id, causationId: id, traceparent: continueTrace(traceparent) }),
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

function messageTypeOf(name: string, { schema, ...type }: JsonType<unknown>): MessageType {
  return {
    ...type,
    // Readers get a Date as text, so the schema that makes a Date of it is given text here too.
    asRead: (body) => validate(name, schema, JSON.parse(JSON.stringify(body))),
    encode: (body) => encoder.encode(JSON.stringify(body)),
    decode: (value) => validate(name, schema, parse(name, value)),
  }
}

function parse(name: string, value: Buffer): unknown {
  try {
    return JSON.parse(decoder.decode(value))
  } catch (error) {
    throw new PoisonError('UNDECODABLE', `not a ${name}: ${error instanceof Error ? error.message : error}`)
  }
}

/** @throws PoisonError RULE_VIOLATED, with the paths of what is wrong and without the values */
function validate(name: string, schema: StandardSchema, value: unknown): unknown {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise)
    throw new Error(`the schema of ${name} answers later, with a promise: a record is judged at once`)
  if (result.issues === undefined) return result.value
  throw new PoisonError(
    'RULE_VIOLATED',
    `${name}: ${result.issues.slice(0, issuesMax).map(describeIssue).join('; ')}`,
  )
}

const issuesMax = 5

function describeIssue({ message, path = [] }: SchemaIssue): string {
  const names = path.map((part) => String(typeof part === 'object' ? part.key : part))
  return names.length === 0 ? message : `${names.join('.')}: ${message}`
}
