import type { DescMessage } from '@bufbuild/protobuf'
import { contractOf } from './contract-of.ts'

/** The Kafka topic that messages of this type travel on, as its contract says (`boxoffice.type.v1.topic`). */
export function topicOf(schema: DescMessage): string {
  return contractOf(schema).topic
}
