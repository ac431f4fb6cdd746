import {
  type ConsumerPartition,
  ConsumerPartitionSchema,
  ConsumerSchema,
  type ListConsumersRequest,
  type ListConsumersResponse,
  ListConsumersResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { readAllPositions } from '../inbox/positions.ts'
import type { Admin } from '../kafka/client.ts'
import { committedOffsets } from '../kafka/committed-offsets.ts'
import type { TopicPartition } from '../kafka/consumed-record.ts'
import { type OffsetRange, offsetRanges } from '../kafka/end-offsets.ts'
import type { AdminParts } from './admin-parts.ts'
import { askKafka } from './ask-kafka.ts'
import { runningReplayId } from './replay-rows.ts'

/** ListConsumers: where the service's consumer stands, by its own positions and by what Kafka knows. */
export function listConsumers({ name, handler, database, kafka }: AdminParts) {
  return async (_request: ListConsumersRequest): Promise<ListConsumersResponse> => {
    // Before the ends, so that no position is past them.
    const positions = await readAllPositions(database.em(), name)
    const positionOf = new Map(
      positions.map(({ topic, partition, nextOffset }) => [`${topic}/${partition}`, nextOffset]),
    )
    const places = await askKafka(kafka, (admin) => placesOf(admin, name, handler.topics))
    const partitions = places.map((place) =>
      partitionOf(place, positionOf.get(`${place.topic}/${place.partition}`)),
    )
    const consumer = create(ConsumerSchema, {
      consumer: name,
      topics: [...handler.topics],
      partitions,
      runningReplayId: (await runningReplayId(database.em(), name)) ?? '',
    })
    return create(ListConsumersResponseSchema, { consumers: [consumer] })
  }
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
  position: bigint | undefined,
): ConsumerPartition {
  const next = position !== undefined && position > begin ? position : begin
  return create(ConsumerPartitionSchema, {
    topic,
    partition,
    ...(position === undefined ? {} : { position }),
    ...(committed === undefined ? {} : { committedOffset: committed }),
    beginOffset: begin,
    endOffset: end,
    lag: end > next ? end - next : 0n,
  })
}
