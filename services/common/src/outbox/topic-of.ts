import { topic as topicOption } from '@boxoffice/proto/boxoffice/type/v1/topic_pb.ts'
import { type DescMessage, getOption } from '@bufbuild/protobuf'

const known = new Map<string, string>()

/** The Kafka topic that messages of this type travel on, as its contract says (`boxoffice.type.v1.topic`). */
export function topicOf(schema: DescMessage): string {
  const cached = known.get(schema.typeName)
  if (cached !== undefined) return cached
  const topic = getOption(schema, topicOption)
  if (topic === '') throw new Error(`${schema.typeName} has no topic: it is neither a command nor an event`)
  known.set(schema.typeName, topic)
  return topic
}
