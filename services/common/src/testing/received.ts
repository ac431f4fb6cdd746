import { randomUUID } from 'node:crypto'
import type { ReceivedMessage } from '@boxoffice/messaging'
import { topicOf } from '@boxoffice/messaging-protobuf'
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'

/** A message in the form in which the consumer passes it to a handler. */
export function received<Desc extends DescMessage>(
  schema: Desc,
  body: MessageShape<Desc>,
  subject: string,
): ReceivedMessage {
  return {
    id: randomUUID(),
    type: schema.typeName,
    body,
    subject,
    time: new Date(),
    key: subject,
    topic: topicOf(schema),
    partition: 0,
    offset: 0n,
    traceparent: undefined,
  }
}
