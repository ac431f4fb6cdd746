import type { ConsumerGroup, GroupMemberDescription, GroupPartition } from '@boxoffice/kafka'
import { type Condition, rfc3339, withConditions } from '../kubernetes/resource.ts'
import type { ConsumerGroupStatus, DeadLetterStatus, MemberStatus, PartitionStatus } from './resource.ts'

/** The observed state of a group in one round. */
export interface Observation {
  readonly group: ConsumerGroup
  /** When the oldest unread record was written; undefined if all are read. */
  readonly oldestUnread: Date | undefined
  /** Undefined if no service has this group, or its service has not answered yet. */
  readonly deadLetters: DeadLetters | undefined
  /** The pod with an address, if there is exactly one. */
  podAt(host: string): string | undefined
}

export type DeadLetters = DeadLetterStatus | { readonly unreachable: string }

/** Decides the whole status of a group. No other code does. */
export function decideStatus(
  { group, oldestUnread, deadLetters, podAt }: Observation,
  generation: number,
  before: ConsumerGroupStatus | undefined,
  now: Date,
): ConsumerGroupStatus {
  const partitions = group.partitions.map(partitionStatus)
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  const lag = partitions.reduce((sum, partition) => sum + partition.lag, 0)
  const unreadSince = lag === 0 ? undefined : oldestUnread
  const counted = deadLettersToShow(deadLetters, before)
  return {
    observedGeneration: generation,
    state: group.state,
    memberCount: group.members.length,
    members: group.members.map((member) => memberStatus(member, podAt)),
    topics,
    topicList: topics.join(','),
    lag,
    lagSeconds: lagSecondsToShow(unreadSince, before?.lagSeconds, now),
    ...(unreadSince === undefined ? {} : { oldestUnreadTime: rfc3339(unreadSince) }),
    partitions,
    ...(counted === undefined ? {} : { deadLetters: counted }),
    conditions: withConditions(
      before?.conditions,
      now,
      {
        ...consuming(group),
        observedGeneration: generation,
      },
      {
        ...deadLettersCondition(deadLetters),
        observedGeneration: generation,
      },
    ),
  }
}

/** The status while Kafka does not answer: the last one, with a condition that it may be out of date. */
export function statusWithoutKafka(before: ConsumerGroupStatus, now: Date): ConsumerGroupStatus {
  const { observedGeneration } = before
  const others = before.conditions.filter(({ type }) => type !== 'Consuming')
  return {
    ...before,
    conditions: [
      ...withConditions(before.conditions, now, {
        type: 'Consuming',
        status: 'Unknown',
        reason: 'KafkaUnreachable',
        message: 'Kafka does not answer; the rest is what was known before',
        observedGeneration,
      }),
      ...others,
    ],
  }
}

const lagToleranceSeconds = 2
const lagToleranceShare = 0.05

/** Keeps a number that is nearly right: otherwise each waiting group's status would be written every few seconds. */
function lagSecondsToShow(since: Date | undefined, before = 0, now: Date): number {
  if (since === undefined) return 0
  const seconds = Math.max(0, Math.round((now.getTime() - since.getTime()) / 1_000))
  const tolerance = Math.max(lagToleranceSeconds, seconds * lagToleranceShare)
  return before > 0 && Math.abs(seconds - before) <= tolerance ? before : seconds
}

type Decided = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>

function consuming({ state, members }: ConsumerGroup): Decided {
  const type = 'Consuming'
  if (members.length === 0)
    return { type, status: 'False', reason: 'NoMembers', message: 'No member reads for this group' }
  if (state !== 'Stable')
    return {
      type,
      status: 'False',
      reason: 'Rebalancing',
      message: 'Its members are dividing the partitions',
    }
  return { type, status: 'True', reason: 'Stable', message: 'Its members have divided the partitions' }
}

function deadLettersCondition(deadLetters: DeadLetters | undefined): Decided {
  const type = 'DeadLetters'
  if (deadLetters === undefined)
    return { type, status: 'Unknown', reason: 'NotKnown', message: 'No service was asked for this group' }
  if ('unreachable' in deadLetters)
    return { type, status: 'Unknown', reason: 'ServiceUnreachable', message: deadLetters.unreachable }
  const { count, oldestTime } = deadLetters
  if (count === 0) return { type, status: 'False', reason: 'None', message: 'Nothing is put aside' }
  const messages = count === 1 ? 'One message is' : `${count} messages are`
  const message = `${messages} put aside, the oldest since ${oldestTime}: redrive or discard`
  return { type, status: 'True', reason: 'PutAside', message }
}

/** The last known number stays while the service does not answer. */
function deadLettersToShow(
  deadLetters: DeadLetters | undefined,
  before: ConsumerGroupStatus | undefined,
): DeadLetterStatus | undefined {
  if (deadLetters === undefined || 'unreachable' in deadLetters) return before?.deadLetters
  return deadLetters
}

function partitionStatus({ topic, partition, begin, end, committed }: GroupPartition): PartitionStatus {
  const next = nextOffset({ begin, committed })
  return {
    topic,
    partition,
    ...(committed === undefined ? {} : { committedOffset: Number(committed) }),
    endOffset: Number(end),
    lag: end > next ? Number(end - next) : 0,
  }
}

/** The offset at which a group continues: retention may have removed its committed offset. */
export function nextOffset({ begin, committed }: Pick<GroupPartition, 'begin' | 'committed'>): bigint {
  return committed === undefined || committed < begin ? begin : committed
}

function memberStatus(
  { memberId, clientId, host, partitions }: GroupMemberDescription,
  podAt: Observation['podAt'],
): MemberStatus {
  const pod = podAt(host)
  const byTopic = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition])
  }
  return {
    memberId,
    clientId,
    host,
    ...(pod === undefined ? {} : { pod }),
    partitions: [...byTopic].map(([topic, numbers]) => `${topic}: ${ranges(numbers)}`),
  }
}

/** `0-5, 7` for 0, 1, 2, 3, 4, 5 and 7. */
export function ranges(numbers: readonly number[]): string {
  const found: { from: number; to: number }[] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last !== undefined && number === last.to + 1) last.to = number
    else found.push({ from: number, to: number })
  }
  return found.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}
