import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumedRecord, FetchedBatch, TopicPartition } from './consumed-record.ts'
import type { Admin, Kafka } from './create-client.ts'
import { startGroupMember } from './group-member.ts'
import { defaultGroupTimes } from './group-times.ts'
import type { Logger } from './logger.ts'
import { areOtherTopics, OtherTopicError } from './other-topic.ts'
import { topicIds } from './topic-ids.ts'
import { withAdmin } from './with-admin.ts'

/** A stretch of a partition: from one offset up to another, which is not included. */
export interface OffsetStretch extends TopicPartition {
  /** The topic that these are offsets of; undefined where the brokers report no ids. */
  readonly topicId?: string | undefined
  readonly from: bigint
  readonly to: bigint
}

export interface PlaceInTopic extends TopicPartition {
  /** As in the stretch. */
  readonly topicId: string | undefined
}

export interface ReadRangesOptions {
  readonly kafka: Kafka
  readonly stretches: readonly OffsetStretch[]
  readonly log: Logger
  /** The time without any progress after which it gives up, in milliseconds. */
  readonly patienceMs?: number
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal
  /** Receives records of one partition in order, and the offset of the next ones. An error ends the reading. */
  onRecords(at: PlaceInTopic, records: readonly ConsumedRecord[], next: bigint): Promise<void>
}

const pollMs = 50
/** The silence after which the topics' ids are checked: an empty new topic has no batch that shows the change. */
const silenceMs = 2_000

/**
 * Reads stretches of partitions, each in order and each record once, with a group of its own that leaves nothing
 * behind.
 *
 * @throws what `onRecords` throws, the signal's reason, OtherTopicError if a topic was created again, and Error if
 *   nothing comes for a while
 */
export async function readRanges(options: ReadRangesOptions): Promise<void> {
  const { kafka, log, patienceMs = 30_000 } = options
  const open = openStretches(options.stretches)
  if (open.size === 0) return
  const groupId = `read-ranges-${randomUUID()}`
  let heardAt = performance.now()
  let askedAt = heardAt
  const admin = kafka.admin()
  let failure: { readonly error: unknown } | undefined
  const member = startGroupMember({
    kafka,
    groupId,
    topics: [...new Set(options.stretches.map(({ topic }) => topic))],
    from: 'earliest',
    times: defaultGroupTimes,
    log,
    onAssigned(partitions) {
      for (const at of partitions) {
        const stretch = open.get(`${at.topic}/${at.partition}`)
        if (stretch === undefined) member.pause(at)
        else member.seek(at, stretch.next)
      }
    },
    onBatch,
  })

  async function onBatch(batch: FetchedBatch): Promise<void> {
    const place = `${batch.topic}/${batch.partition}`
    const stretch = open.get(place)
    if (failure !== undefined || stretch === undefined || batch.isStale()) return
    const { topic, topicId, next, to } = stretch
    if (areOtherTopics(batch.topicId, topicId)) {
      failure = { error: new OtherTopicError(topic) }
      return
    }
    // It was fetched before the seek: it comes again from there.
    if (batch.begin !== next) return member.seek(batch, next)
    const records = batch.records.filter(({ offset }) => offset < to)
    const end = lesser(batch.end, to)
    try {
      await options.onRecords({ topic, topicId, partition: batch.partition }, records, end)
    } catch (error) {
      failure = { error }
      return
    }
    heardAt = performance.now()
    if (end >= to) {
      open.delete(place)
      member.pause(batch)
    } else {
      open.set(place, { ...stretch, next: end })
    }
    batch.resolve(batch.end)
  }

  try {
    while (open.size > 0 && failure === undefined) {
      options.signal?.throwIfAborted()
      if (performance.now() - heardAt > patienceMs) {
        throw new Error(`nothing came for ${patienceMs} ms of ${[...open.keys()].join(', ')}`)
      }
      if (performance.now() - Math.max(heardAt, askedAt) > silenceMs) {
        await refuseOtherTopics(admin, [...open.values()])
        askedAt = performance.now()
      }
      await sleep(pollMs)
    }
  } finally {
    await admin.disconnect()
    await member.leave()
    await forgetGroup(kafka, groupId)
  }
  if (failure !== undefined) throw failure.error
}

/** The stretches that are not empty, by topic and partition, with the offset that comes next. */
function openStretches(stretches: readonly OffsetStretch[]) {
  return new Map(
    stretches
      .filter(({ from, to }) => from < to)
      .map(({ topic, partition, topicId, from, to }) => [
        `${topic}/${partition}`,
        { topic, topicId, next: from, to },
      ]),
  )
}

async function refuseOtherTopics(
  admin: Admin,
  open: readonly Pick<OffsetStretch, 'topic' | 'topicId'>[],
): Promise<void> {
  const topics = open.map(({ topic }) => topic)
  // Kafka may be away, or between the two topics.
  const ids = await topicIds(admin, topics).catch(() => new Map<string, string>())
  const other = open.find(({ topic, topicId }) => areOtherTopics(topicId, ids.get(topic)))
  if (other !== undefined) throw new OtherTopicError(other.topic)
}

async function forgetGroup(kafka: Kafka, groupId: string): Promise<void> {
  await withAdmin(kafka, (admin) => admin.deleteGroups([groupId])).catch(() => {
    // The group is empty: the brokers delete it by themselves.
  })
}

function lesser(a: bigint, b: bigint): bigint {
  return a <= b ? a : b
}
