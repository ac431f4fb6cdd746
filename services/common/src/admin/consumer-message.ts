import type { ConsumerState } from '@boxoffice/messaging/operations'
import {
  type Consumer,
  type ConsumerPartition,
  ConsumerPartitionSchema,
  ConsumerSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { create } from '@bufbuild/protobuf'

export function toConsumer({ consumer, topics, partitions, runningReplayId }: ConsumerState): Consumer {
  return create(ConsumerSchema, {
    consumer,
    topics: [...topics],
    partitions: partitions.map(toPartition),
    runningReplayId: runningReplayId ?? '',
  })
}

function toPartition(state: ConsumerState['partitions'][number]): ConsumerPartition {
  const { topic, partition, position, committed, begin, end, lag, isRecreated } = state
  return create(ConsumerPartitionSchema, {
    topic,
    partition,
    ...(position === undefined ? {} : { position }),
    ...(committed === undefined ? {} : { committedOffset: committed }),
    beginOffset: begin,
    endOffset: end,
    lag,
    recreated: isRecreated,
  })
}
