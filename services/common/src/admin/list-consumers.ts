import type { TopicPartition } from '@boxoffice/kafka'
import { askKafka, committedOffsets, type OffsetRange, offsetRanges, topicIds } from '@boxoffice/kafka'
import {
  isOfAnotherTopic,
  type Position,
  readAllPositions,
  runningReplayId,
} from '@boxoffice/messaging/operations'
import {
  type Consumer,
  type ConsumerPartition,
  ConsumerPartitionSchema,
  ConsumerSchema,
  type ListConsumersRequest,
  type ListConsumersResponse,
  ListConsumersResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { Admin } from '../kafka/client.ts'
import type { AdminParts } from './admin-parts.ts'

/** ListConsumers: where the service's consumer stands, by its own positions and by what Kafka knows. */
export function listConsumers(parts: AdminParts) {
  return async (_request: ListConsumersRequest): Promise<ListConsumersResponse> =>
    create(ListConsumersResponseSchema, { consumers: [await readConsumer(parts)] })
}

/** @throws ApiError UNAVAILABLE (NOT_READY) if Kafka does not answer */
export async function readConsumer({ name, handler, database, kafka }: AdminParts): Promise<Consumer> {
  // Before the ends, so that no position is past them.
  const positions = await readAllPositions(database.em(), name)
  const positionOf = new Map(
    positions.map((position) => [`${position.topic}/${position.partition}`, position]),
  )
  const { places, ids } = await askKafka(kafka, async (admin) => ({
    places: await placesOf(admin, name, handler.topics),
    ids: await topicIds(admin, handler.topics),
  }))
  const partitions = places.map((place) =>
    partitionOf(place, positionOf.get(`${place.topic}/${place.partition}`), ids),
  )
  return create(ConsumerSchema, {
    consumer: name,
    topics: [...handler.topics],
    partitions,
    runningReplayId: (await runningReplayId(database.em(), name)) ?? '',
  })
}

/** What Kafka knows of one partition of a consumer. */
interface Place extends TopicPartition {
  readonly range: OffsetRange
  readonly committed: bigint | undefined
}

async function placesOf(admin: Admin, group: string, topics: readonly string[]): Promise<Place[]> {
  const places: Place[] = []
  for (const topic of [...topics].sort()) {
    const committed = await committedOffsets(admin, group, topic)
    const ranges = [...(await offsetRanges(admin, topic))].sort(([a], [b]) => a - b)
    for (const [partition, range] of ranges) {
      places.push({ topic, partition, range, committed: committed.get(partition) })
    }
  }
  return places
}

function partitionOf(
  { topic, partition, range: { begin, end }, committed }: Place,
  stored: Position | undefined,
  ids: ReadonlyMap<string, string>,
): ConsumerPartition {
  const position = stored?.nextOffset
  const recreated = stored !== undefined && isOfAnotherTopic(stored, ids)
  const next = position !== undefined && position > begin && !recreated ? position : begin
  return create(ConsumerPartitionSchema, {
    topic,
    partition,
    ...(position === undefined ? {} : { position }),
    ...(committed === undefined ? {} : { committedOffset: committed }),
    beginOffset: begin,
    endOffset: end,
    lag: end > next ? end - next : 0n,
    recreated,
  })
}
