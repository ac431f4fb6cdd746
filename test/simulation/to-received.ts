import type { OutboxMessage, ReceivedMessage } from '@boxoffice/messaging'
import { type DescMessage, fromBinary } from '@bufbuild/protobuf'

/** A message as the consumer passes it to a handler. It is not checked for poison, as ids are not UUIDs here. */
export function toReceived(
  { id, type, topic, key, payload, headers }: OutboxMessage,
  schemas: readonly DescMessage[],
): ReceivedMessage {
  const schema = schemas.find(({ typeName }) => typeName === type)
  if (schema === undefined || payload === null) throw new Error(`there is a ${type} on ${topic}`)
  return {
    id,
    type,
    body: fromBinary(schema, payload),
    subject: String(headers.ce_subject),
    time: new Date(String(headers.ce_time)),
    key: key === null ? null : Buffer.from(key).toString(),
    topic,
    partition: 0,
    offset: 0n,
    traceparent: undefined,
  }
}
