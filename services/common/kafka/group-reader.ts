import type { TopicPartition } from './consumed-record.ts'
import type { Admin, Kafka } from './create-client.ts'
import { describeGroups, type GroupDescription, type GroupMemberDescription } from './describe-groups.ts'
import { type OffsetRange, offsetRanges } from './end-offsets.ts'

/** A consumer group as the brokers describe it. */
export interface ConsumerGroup {
  readonly groupId: string
  /** In Kafka's words: Stable, PreparingRebalance, CompletingRebalance, Empty or Dead. */
  readonly state: string
  readonly members: readonly GroupMemberDescription[]
  /** The partitions, sorted by topic, that it has committed or that its members have. */
  readonly partitions: readonly GroupPartition[]
}

export interface GroupPartition extends TopicPartition, OffsetRange {
  /** The committed offset, which the group reads next; undefined if it has committed none. */
  readonly committed: bigint | undefined
}

/** The number of rounds after which unchanged offsets are read again all the same: a tool may have set them back. */
const sameForRoundsMax = 10

/**
 * Reads the consumer groups of a cluster repeatedly, over connections that it keeps. It only asks for descriptions,
 * and not for offsets that cannot have moved: those of a group that had read everything, while nothing was written.
 */
export class GroupReader {
  readonly #kafka: Kafka
  #admin: Promise<Admin> | undefined
  #known = new Map<string, Known>()
  #round = 0

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  /**
   * Reads every group of consumers whose id is wanted, in the order of the ids.
   *
   * @throws Error if a broker does not answer: a missing group would look like a deleted one
   */
  async read(isWanted: (groupId: string) => boolean): Promise<ConsumerGroup[]> {
    return await this.ask(async (admin) => {
      const { groups } = await admin.listGroups()
      const ids = groups
        .filter(({ groupId, protocolType }) => isConsumers(protocolType) && isWanted(groupId))
        .map(({ groupId }) => groupId)
        .sort()
      const found = (await describeGroups(admin, ids)).filter(({ state }) => state !== 'Dead')
      return found.length === 0 ? [] : await this.#withOffsets(admin, found)
    })
  }

  /** Lends the connected client. After an error the next caller gets a new one. */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    this.#admin ??= connect(this.#kafka)
    const connecting = this.#admin
    try {
      return await question(await connecting)
    } catch (error) {
      if (this.#admin === connecting) this.#admin = undefined
      await disconnect(connecting)
      throw error
    }
  }

  async close(): Promise<void> {
    const connecting = this.#admin
    this.#admin = undefined
    if (connecting !== undefined) await disconnect(connecting)
  }

  async #withOffsets(admin: Admin, groups: readonly GroupDescription[]): Promise<ConsumerGroup[]> {
    this.#round += 1
    const existing = new Set(await admin.listTopics())
    const ranges = new Map<string, ReadonlyMap<number, OffsetRange>>()
    const readRanges = async (topics: Iterable<string>): Promise<void> => {
      for (const topic of topics) {
        if (existing.has(topic) && !ranges.has(topic)) ranges.set(topic, await offsetRanges(admin, topic))
      }
    }
    for (const group of groups) await readRanges(topicsOf(group, this.#known.get(group.groupId)?.offsets))
    const known = new Map<string, Known>()
    const found: ConsumerGroup[] = []
    for (const group of groups) {
      const before = this.#known.get(group.groupId)
      const isSame = before !== undefined && this.#cannotHaveMoved(group, before, ranges)
      const offsets = isSame ? before.offsets : await readOffsets(admin, group.groupId)
      await readRanges(offsets.keys())
      const read = toGroup(group, offsets, ranges)
      known.set(group.groupId, isSame ? before : { offsets, round: this.#round, place: placeOf(read) })
      found.push(read)
    }
    this.#known = known
    return found
  }

  #cannotHaveMoved(group: GroupDescription, { offsets, round, place }: Known, ranges: Ranges): boolean {
    if (this.#round - round >= sameForRoundsMax) return false
    return place !== undefined && place === placeOf(toGroup(group, offsets, ranges))
  }
}

/** What the last round read of a group. */
interface Known {
  readonly offsets: Offsets
  readonly round: number
  /** Undefined while it has something to read. */
  readonly place: string | undefined
}

/** The members of a group that has read everything, and the ends that it has reached. */
function placeOf({ state, members, partitions }: ConsumerGroup): string | undefined {
  if (partitions.some(({ begin, end, committed = begin }) => committed < end)) return undefined
  const ends = partitions.map(({ topic, partition, end }) => `${topic}/${partition}:${end}`)
  return [state, ...members.map(({ memberId }) => memberId), ...ends].join(' ')
}

/** Committed offsets, by topic and partition. */
type Offsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>
type Ranges = ReadonlyMap<string, ReadonlyMap<number, OffsetRange>>

/** A group that has only stored offsets has no protocol. */
function isConsumers(protocolType: string): boolean {
  return protocolType === 'consumer' || protocolType === ''
}

async function connect(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 } })
  await admin.connect()
  return admin
}

async function disconnect(connecting: Promise<Admin>): Promise<void> {
  await connecting
    .then((admin) => admin.disconnect())
    .catch(() => {
      // It was never connected, or no longer is: nothing is left to do.
    })
}

async function readOffsets(admin: Admin, groupId: string): Promise<Offsets> {
  const topics = await admin.fetchOffsets({ groupId })
  return new Map(
    topics.map(({ topic, partitions }) => {
      const committed = partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const)
      return [topic, new Map(committed.filter(([, offset]) => offset >= 0n))]
    }),
  )
}

function topicsOf(group: GroupDescription, offsets: Offsets = new Map()): Set<string> {
  const assigned = group.members.flatMap(({ partitions }) => partitions.map(({ topic }) => topic))
  return new Set([...offsets.keys(), ...assigned])
}

function toGroup(group: GroupDescription, offsets: Offsets, ranges: Ranges): ConsumerGroup {
  const members = membersOf(group)
  const assigned = new Set(
    members.flatMap(({ partitions }) => partitions.map(({ topic, partition }) => `${topic}/${partition}`)),
  )
  const partitions: GroupPartition[] = []
  for (const topic of [...topicsOf(group, offsets)].sort()) {
    for (const [partition, { begin, end }] of [...(ranges.get(topic) ?? [])].sort(([a], [b]) => a - b)) {
      const committed = offsets.get(topic)?.get(partition)
      if (committed === undefined && !assigned.has(`${topic}/${partition}`)) continue
      // The end was read a moment before: by now the group may have read past it.
      const reached = committed !== undefined && committed > end ? committed : end
      partitions.push({ topic, partition, begin, end: reached, committed })
    }
  }
  return { groupId: group.groupId, state: group.state, members, partitions }
}

function membersOf({ members }: GroupDescription): GroupMemberDescription[] {
  return members
    .map((member) => ({
      ...member,
      // Kafka writes addresses as Java does: /10.0.0.7.
      host: member.host.replace(/^\//, ''),
      partitions: [...member.partitions].sort(byTopicAndPartition),
    }))
    .sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
}

function byTopicAndPartition(a: TopicPartition, b: TopicPartition): number {
  return a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1
}
