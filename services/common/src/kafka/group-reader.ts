import { AssignerProtocol } from 'kafkajs'
import type { Admin, Kafka } from './client.ts'
import type { TopicPartition } from './consumed-record.ts'
import { type OffsetRange, offsetRanges } from './end-offsets.ts'

/** A consumer group as the brokers have it. */
export interface ConsumerGroup {
  readonly groupId: string
  /** In Kafka's words: Stable, PreparingRebalance, CompletingRebalance, Empty or Dead. */
  readonly state: string
  readonly members: readonly Member[]
  /** By topic and partition: those that it has committed, and those that its members have. */
  readonly partitions: readonly GroupPartition[]
}

export interface Member {
  readonly memberId: string
  readonly clientId: string
  /** The address that it came from. */
  readonly host: string
  readonly partitions: readonly TopicPartition[]
}

export interface GroupPartition extends TopicPartition, OffsetRange {
  /** The offset that Kafka was told it reads next; undefined if it was told none. */
  readonly committed: bigint | undefined
}

type Description = Awaited<ReturnType<Admin['describeGroups']>>['groups'][number]

/** Offsets of a group without members hardly change: they are read again after so many rounds. */
const emptyGroupRounds = 10

/**
 * Reads the consumer groups of a cluster, again and again, over connections that it keeps. Asks for nothing but descriptions.
 */
export class GroupReader {
  readonly #kafka: Kafka
  #admin: Promise<Admin> | undefined
  #emptyGroups = new Map<string, { readonly offsets: Offsets; readonly round: number }>()
  #round = 0

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  /**
   * Every group of consumers whose id is wanted, by id.
   *
   * @throws Error if any broker that is asked does not answer: what is missing would look as if it were gone
   */
  async read(isWanted: (groupId: string) => boolean): Promise<ConsumerGroup[]> {
    return await this.ask(async (admin) => {
      const { groups } = await admin.listGroups()
      const ids = groups
        .filter(({ groupId, protocolType }) => isConsumers(protocolType) && isWanted(groupId))
        .map(({ groupId }) => groupId)
        .sort()
      if (ids.length === 0) return []
      const { groups: descriptions } = await admin.describeGroups(ids)
      const offsetsOf = await this.#readOffsets(admin, descriptions)
      const found = descriptions.filter(({ state }) => state !== 'Dead')
      const ranges = await readRanges(admin, topicsOf(found, offsetsOf))
      return found.map((one) => toGroup(one, offsetsOf.get(one.groupId) ?? new Map(), ranges))
    })
  }

  /** Lends the connected client. After an error the next one gets another. */
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

  async #readOffsets(admin: Admin, groups: readonly Description[]): Promise<Map<string, Offsets>> {
    this.#round += 1
    const found = new Map<string, Offsets>()
    const empty = new Map<string, { readonly offsets: Offsets; readonly round: number }>()
    for (const { groupId, state } of groups) {
      const known = state === 'Empty' ? this.#emptyGroups.get(groupId) : undefined
      const isFresh = known !== undefined && this.#round - known.round < emptyGroupRounds
      const offsets = isFresh ? known.offsets : await readOffsets(admin, groupId)
      found.set(groupId, offsets)
      if (state === 'Empty') empty.set(groupId, isFresh ? known : { offsets, round: this.#round })
    }
    this.#emptyGroups = empty
    return found
  }
}

/** Committed offsets, by topic and partition. */
type Offsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>
type Ranges = ReadonlyMap<string, ReadonlyMap<number, OffsetRange>>

/** A group that was only ever used to keep offsets has no protocol. */
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
      // It was never connected, or is so no more: either is what is wanted.
    })
}

async function readOffsets(admin: Admin, groupId: string): Promise<Offsets> {
  const topics = await admin.fetchOffsets({ groupId })
  return new Map(
    topics.map(({ topic, partitions }) => {
      const told = partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const)
      return [topic, new Map(told.filter(([, offset]) => offset >= 0n))]
    }),
  )
}

async function readRanges(admin: Admin, topics: ReadonlySet<string>): Promise<Ranges> {
  const existing = new Set(await admin.listTopics())
  const ranges = new Map<string, ReadonlyMap<number, OffsetRange>>()
  for (const topic of topics) {
    if (existing.has(topic)) ranges.set(topic, await offsetRanges(admin, topic))
  }
  return ranges
}

function topicsOf(groups: readonly Description[], offsetsOf: ReadonlyMap<string, Offsets>): Set<string> {
  const topics = new Set<string>()
  for (const group of groups) {
    for (const topic of offsetsOf.get(group.groupId)?.keys() ?? []) topics.add(topic)
    for (const { partitions } of membersOf(group)) for (const { topic } of partitions) topics.add(topic)
  }
  return topics
}

function toGroup(group: Description, offsets: Offsets, ranges: Ranges): ConsumerGroup {
  const members = membersOf(group)
  const assigned = new Set(
    members.flatMap(({ partitions }) => partitions.map(({ topic, partition }) => `${topic}/${partition}`)),
  )
  const partitions: GroupPartition[] = []
  for (const [topic, ofTopic] of [...ranges].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [partition, { begin, end }] of [...ofTopic].sort(([a], [b]) => a - b)) {
      const committed = offsets.get(topic)?.get(partition)
      if (committed === undefined && !assigned.has(`${topic}/${partition}`)) continue
      partitions.push({ topic, partition, begin, end, committed })
    }
  }
  return { groupId: group.groupId, state: group.state, members, partitions }
}

function membersOf({ members }: Description): Member[] {
  return members
    .map(({ memberId, clientId, clientHost, memberAssignment }) => ({
      memberId,
      clientId,
      host: clientHost.replace(/^\//, ''),
      partitions: partitionsOf(memberAssignment),
    }))
    .sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
}

function partitionsOf(assignment: Buffer): TopicPartition[] {
  // Empty while the group rebalances.
  if (assignment.length === 0) return []
  const decoded = AssignerProtocol.MemberAssignment.decode(assignment)
  return Object.entries(decoded?.assignment ?? {})
    .flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })))
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}
