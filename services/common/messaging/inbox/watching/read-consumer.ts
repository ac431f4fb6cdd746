import {
  type Admin,
  askKafka,
  committedOffsets,
  type Kafka,
  type OffsetRange,
  offsetRanges,
  type TopicPartition,
  topicIds,
} from '@boxoffice/kafka'
import type { MessageHandler } from '../../message/message-handler.ts'
import { runningReplayId } from '../../replay/replay-rows.ts'
import type { SqlDatabase } from '../../sql/sql.ts'
import { isOfAnotherTopic, type Position, readAllPositions } from '../positions/positions.ts'

/** Where a consumer is, by its own positions and by what Kafka knows. */
export interface ConsumerState {
  readonly consumer: string
  readonly topics: readonly string[]
  /** By topic, then by partition. */
  readonly partitions: readonly PartitionState[]
  readonly runningReplayId: string | undefined
}

interface PartitionState extends TopicPartition {
  /** The offset that is read next; undefined for a partition that was never read. */
  readonly position: bigint | undefined
  /** The offset that the group has committed to Kafka, which only follows the position. */
  readonly committed: bigint | undefined
  /** The oldest offset that Kafka has. */
  readonly begin: bigint
  /** One past the last record. */
  readonly end: bigint
  /** The number of records that are yet to be handled. */
  readonly lag: bigint
  /** Whether the position is in a topic that was deleted, and another one has its name: nothing is read there. */
  readonly isRecreated: boolean
}

/** @throws KafkaAwayError if Kafka does not answer */
export async function readConsumer({
  name,
  handler: { topics },
  database,
  kafka,
}: {
  readonly name: string
  readonly handler: Pick<MessageHandler, 'topics'>
  readonly database: SqlDatabase
  readonly kafka: Kafka
}): Promise<ConsumerState> {
  // Before the ends, so that no position is past them.
  const positions = await database.transaction((sql) => readAllPositions(sql, name))
  const positionOf = new Map(
    positions.map((position) => [`${position.topic}/${position.partition}`, position]),
  )
  const { places, ids } = await askKafka(kafka, async (admin) => ({
    places: await placesOf(admin, name, topics),
    ids: await topicIds(admin, topics),
  }))
  const partitions = places.map((place) =>
    partitionOf(place, positionOf.get(`${place.topic}/${place.partition}`), ids),
  )
  const running = await database.transaction((sql) => runningReplayId(sql, name))
  return { consumer: name, topics, partitions, runningReplayId: running }
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
): PartitionState {
  const position = stored?.nextOffset
  const isRecreated = stored !== undefined && isOfAnotherTopic(stored, ids)
  const next = position !== undefined && position > begin && !isRecreated ? position : begin
  const lag = end > next ? end - next : 0n
  return { topic, partition, position, committed, begin, end, lag, isRecreated }
}
