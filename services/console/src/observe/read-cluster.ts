import type { Kafka } from '@boxoffice/common/kafka/client.ts'
import {
  type Admin,
  describeGroups,
  type GroupDescription,
  lookAtTopics,
  type OffsetRange,
} from '@boxoffice/kafka'
import type { GroupView, PartitionLag, TopicView } from '../contract/answers.ts'
import { topicsOfGroup } from '../contract/schemas.ts'

/** The console's questions to Kafka, over one connection that stays open. */
export interface Cluster {
  /** The offset range of each partition, by `topic/partition`. */
  ranges(topics: readonly string[]): Promise<Map<string, OffsetRange>>
  /**
   * Consumer groups with their lag by their committed offsets. Groups that live only as long as a process are left
   * out.
   */
  groups(): Promise<GroupView[]>
  /**
   * The lag of a service's group, whether Kafka knows it or not. Reads the ranges of topics that the caller does not
   * give.
   */
  lagOf(group: string, ranges: ReadonlyMap<string, OffsetRange>): Promise<number>
  topics(names: readonly string[]): Promise<TopicView[]>
  close(): Promise<void>
}

export function connectCluster(
  kafka: Kafka,
  declared: Readonly<Record<string, readonly string[]>> = topicsOfGroup,
): Cluster {
  const admin = kafka.admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 } })

  const ranges: Cluster['ranges'] = async (topics) => {
    const found = new Map<string, OffsetRange>()
    const look = await lookAtTopics(admin, topics)
    for (const [topic, ranges] of look.ranges) {
      for (const [partition, range] of ranges)
        found.set(`${topic}/${partition}`, { ...range, topicId: look.ids.get(topic) })
    }
    return found
  }

  async function committed(groupId: string): Promise<Committed> {
    await admin.connect()
    const topics = await admin.fetchOffsets({ groupId })
    return new Map(
      topics.map(({ topic, partitions }) => [
        topic,
        new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)])),
      ]),
    )
  }

  /** The topics of a group, from its commits, its members and its service. */
  function topicsOf(
    groupId: string,
    offsets: Committed,
    members: GroupDescription['members'] = [],
  ): string[] {
    const assigned = members.flatMap(({ partitions }) => partitions.map(({ topic }) => topic))
    return [...new Set([...offsets.keys(), ...assigned, ...(declared[groupId] ?? [])])].sort()
  }

  return {
    ranges,
    async groups() {
      await admin.connect()
      const { groups } = await admin.listGroups()
      const ids = groups.map(({ groupId }) => groupId).filter((id) => !isPassing(id))
      const described = (await describeGroups(admin, ids)).toSorted((a, b) =>
        a.groupId.localeCompare(b.groupId),
      )
      const existing = new Set(await admin.listTopics())
      const read = await Promise.all(
        described.map(async (group) => {
          const offsets = await committed(group.groupId)
          const topics = topicsOf(group.groupId, offsets, group.members).filter((topic) =>
            existing.has(topic),
          )
          return { group, offsets, topics }
        }),
      )
      const all = await ranges([...new Set(read.flatMap(({ topics }) => topics))])
      return read.map(({ group, offsets, topics }) => viewOf(group, lagsOf(topics, offsets, all)))
    },
    async lagOf(group, known) {
      const offsets = await committed(group)
      const topics = topicsOf(group, offsets)
      const isKnown = new Set([...known.keys()].map((place) => place.split('/')[0]))
      const rest = await ranges(topics.filter((topic) => !isKnown.has(topic)))
      const lags = lagsOf(topics, offsets, new Map([...known, ...rest]))
      return lags.reduce((sum, { lag }) => sum + lag, 0)
    },
    async topics(names) {
      await admin.connect()
      const [{ topics }, all] = await Promise.all([
        admin.fetchTopicMetadata({ topics: [...names] }),
        ranges(names),
      ])
      return topicViews(topics, all)
    },
    close: () => admin.disconnect(),
  }
}

function topicViews(
  topics: Awaited<ReturnType<Admin['fetchTopicMetadata']>>['topics'],
  ranges: ReadonlyMap<string, OffsetRange>,
): TopicView[] {
  return topics
    .map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions
        .map(({ partitionId, leader, replicas, isr }) => ({
          partition: partitionId,
          leader,
          replicas,
          isr,
          begin: String(ranges.get(`${name}/${partitionId}`)?.begin ?? 0n),
          end: String(ranges.get(`${name}/${partitionId}`)?.end ?? 0n),
        }))
        .sort((a, b) => a.partition - b.partition),
    }))
    .sort((a, b) => a.topic.localeCompare(b.topic))
}

/** Whether a group lives only as long as a process: each process has a group of its own for its tail. */
function isPassing(groupId: string): boolean {
  return /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(groupId)
}

/** The offsets that a group has committed, which it reads next, by topic and partition. */
type Committed = ReadonlyMap<string, ReadonlyMap<number, bigint>>

/** The lag of every partition, including those without a commit of the group. */
function lagsOf(
  topics: readonly string[],
  offsets: Committed,
  ranges: ReadonlyMap<string, OffsetRange>,
): GroupView['topics'] {
  const places = Map.groupBy(ranges, ([place]) => place.split('/')[0])
  return topics.map((topic) => {
    const partitions = (places.get(topic) ?? [])
      .map(([place, range]): PartitionLag => {
        const partition = Number(place.split('/')[1])
        const next = offsets.get(topic)?.get(partition) ?? -1n
        return {
          partition,
          committed: next < 0n ? null : String(next),
          end: String(range.end),
          lag: lagOf(next, range),
        }
      })
      .sort((a, b) => a.partition - b.partition)
    return { topic, lag: partitions.reduce((sum, { lag }) => sum + lag, 0), partitions }
  })
}

function viewOf({ groupId, state, members }: GroupDescription, topics: GroupView['topics']): GroupView {
  return {
    group: groupId,
    state,
    members: members.map(({ memberId, clientId, host, partitions }) => ({
      id: memberId,
      client: clientId,
      host,
      partitions: partitions.length,
    })),
    topics,
  }
}

/** The number of records that are still to be read: all of the partition if the group has committed nothing. */
function lagOf(committed: bigint, { begin, end }: OffsetRange): number {
  const next = committed > begin ? committed : begin
  return end > next ? Number(end - next) : 0
}
