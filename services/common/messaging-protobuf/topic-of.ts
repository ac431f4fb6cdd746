import type { DescMessage } from '@bufbuild/protobuf'
import { contractOf } from './contract-of.ts'

/** The Kafka topic of this type's messages, by its contract (`boxoffice.type.v1.topic`). */
export function topicOf(schema: DescMessage): string {
  return contractOf(schema).topic
}
