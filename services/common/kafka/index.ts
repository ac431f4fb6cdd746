export { askKafka, KafkaAwayError } from './ask-kafka.ts'
export { committedOffsets } from './committed-offsets.ts'
export { topicResource } from './config-resources.ts'
export type { ConsumedRecord, FetchedBatch, HeaderValue, TopicPartition } from './consumed-record.ts'
export { type AclSpec, createAcls } from './create-acls.ts'
export { type Admin, createKafkaClient, type Kafka, type KafkaClientOptions } from './create-client.ts'
export { createTopics, type TopicSpec } from './create-topics.ts'
export {
  type BrokerDescription,
  type ClusterDescription,
  describeCluster,
  type TopicDescription,
} from './describe-cluster.ts'
export { describeGroups, type GroupDescription, type GroupMemberDescription } from './describe-groups.ts'
export { endOffsets, type OffsetRange, offsetRanges } from './end-offsets.ts'
export { failureText } from './failure-text.ts'
export { batchBytesMax } from './fetch-response/read-batches.ts'
export { type GroupMember, type GroupMemberOptions, startGroupMember } from './group-member.ts'
export { type ConsumerGroup, type GroupPartition, GroupReader } from './group-reader.ts'
export { defaultGroupTimes, type GroupTimes } from './group-times.ts'
export type { Logger } from './logger.ts'
export { offsetsAtTime } from './offsets-at-time.ts'
export { oldestUnreadAgeMs } from './oldest-unread.ts'
export { areOtherTopics, OtherTopicError, type TopicRanges, topicRanges } from './other-topic.ts'
export { topicIdIn } from './protocol/metadata-v12.ts'
export { reach, reachBroker } from './reach.ts'
export { type OffsetStretch, type PlaceInTopic, readRanges } from './read-ranges.ts'
export { readTopics } from './read-topics.ts'
export { kafkaErrorType } from './refusal.ts'
export { startTail, type Tail, type TailOptions } from './tail.ts'
export { topicIds } from './topic-ids.ts'
export { lookAtTopics, shareLooks, type TopicLook } from './topic-look.ts'
export { readTopicRetention, type TopicRetention } from './topic-retention.ts'
/** @public */
export {
  KafkaUnavailableError,
  type OutgoingRecord,
  type SendOutcome,
  VerifiedProducer,
  type VerifiedProducerOptions,
} from './verified-producer.ts'
export { withAdmin } from './with-admin.ts'
export { withDeadline } from './with-deadline.ts'
