import { randomUUID } from 'node:crypto'
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { ReceivedMessage } from '../message/message-handler.ts'
import { topicOf } from '../message/topic-of.ts'

/** A message as the consumer hands it to a handler. */
export function received<Desc extends DescMessage>(
  schema: Desc,
  body: MessageShape<Desc>,
  subject: string,
): ReceivedMessage {
  return {
    id: randomUUID(),
    type: schema.typeName,
    schema,
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
