import type { Kafka } from '@boxoffice/common/kafka/client.ts'
import { describeGroups, type GroupDescription } from '@boxoffice/common/kafka/describe-groups.ts'
import { type OffsetRange, offsetRanges } from '@boxoffice/common/kafka/end-offsets.ts'
import type { GroupView, PartitionLag, TopicView } from '../contract/answers.ts'

/** What is asked of Kafka, through one connection that stays. */
export interface Cluster {
  /** What each partition holds, by `topic/partition`. */
  ranges(topics: readonly string[]): Promise<Map<string, OffsetRange>>
  /** Consumer groups with their lag by what they told Kafka; those that come and go with a process are left out. */
  groups(): Promise<GroupView[]>
  lagOf(group: string, ranges: ReadonlyMap<string, OffsetRange>): Promise<number>
  topics(names: readonly string[]): Promise<TopicView[]>
  close(): Promise<void>
}

export function connectCluster(kafka: Kafka): Cluster {
  const admin = kafka.admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 } })

  const ranges: Cluster['ranges'] = async (topics) => {
    const found = new Map<string, OffsetRange>()
    // One after the other: KafkaJS loses the metadata of topics that it hears of at the same time.
    for (const topic of topics) {
      for (const [partition, range] of await offsetRanges(admin, topic))
        found.set(`${topic}/${partition}`, range)
    }
    return found
  }

  async function committed(groupId: string) {
    await admin.connect()
    return await admin.fetchOffsets({ groupId })
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
      return await Promise.all(
        described.map(async (group) => await viewOf(group, await committed(group.groupId), ranges)),
      )
    },
    async lagOf(group, all) {
      const told = await committed(group)
      return told.reduce(
        (sum, { topic, partitions }) =>
          sum +
          partitions.reduce((lag, one) => lag + lagOf(one.offset, all.get(`${topic}/${one.partition}`)), 0),
        0,
      )
    },
    async topics(names) {
      await admin.connect()
      const [{ topics }, all] = await Promise.all([
        admin.fetchTopicMetadata({ topics: [...names] }),
        ranges(names),
      ])
      return topics
        .map(({ name, partitions }) => ({
          topic: name,
          partitions: partitions
            .map(({ partitionId, leader, replicas, isr }) => ({
              partition: partitionId,
              leader,
              replicas,
              isr,
              begin: String(all.get(`${name}/${partitionId}`)?.begin ?? 0n),
              end: String(all.get(`${name}/${partitionId}`)?.end ?? 0n),
            }))
            .sort((a, b) => a.partition - b.partition),
        }))
        .sort((a, b) => a.topic.localeCompare(b.topic))
    },
    close: () => admin.disconnect(),
  }
}

/** Tails have a group of their own in each process. */
function isPassing(groupId: string): boolean {
  return /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(groupId)
}

async function viewOf(
  group: GroupDescription,
  told: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[],
  ranges: Cluster['ranges'],
): Promise<GroupView> {
  const all = await ranges(told.map(({ topic }) => topic))
  const topics = told.map(({ topic, partitions }) => {
    const lags = partitions
      .map(({ partition, offset }): PartitionLag => {
        const range = all.get(`${topic}/${partition}`)
        return {
          partition,
          committed: Number(offset) < 0 ? null : offset,
          end: String(range?.end ?? 0n),
          lag: lagOf(offset, range),
        }
      })
      .sort((a, b) => a.partition - b.partition)
    return { topic, lag: lags.reduce((sum, { lag }) => sum + lag, 0), partitions: lags }
  })
  return {
    group: group.groupId,
    state: group.state,
    members: group.members.map(({ memberId, clientId, host, partitions }) => ({
      id: memberId,
      client: clientId,
      host,
      partitions: partitions.length,
    })),
    topics: topics.sort((a, b) => a.topic.localeCompare(b.topic)),
  }
}

/** Records that are still to be read: all there are, of a partition of which nothing was told. */
function lagOf(offset: string, range: OffsetRange | undefined): number {
  if (range === undefined) return 0
  const told = BigInt(offset)
  const next = told > range.begin ? told : range.begin
  return range.end > next ? Number(range.end - next) : 0
}
