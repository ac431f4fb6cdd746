import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumedRecord, FetchedBatch, TopicPartition } from './consumed-record.ts'
import type { Kafka } from './create-client.ts'
import { startGroupMember } from './group-member.ts'
import { defaultGroupTimes, type GroupTimes } from './group-times.ts'
import type { Logger } from './logger.ts'
import { areOtherTopics, topicRanges } from './other-topic.ts'
import { withDeadline } from './with-deadline.ts'

export interface TailOptions {
  readonly kafka: Kafka
  readonly topic: string
  /** A group that only this process uses, so that it gets every partition: add something random. */
  readonly groupId: string
  readonly log: Logger
  readonly times?: Partial<GroupTimes>
  /**
   * Waits after records before more are fetched, so that one fetch brings what would take several; no wait by default.
   * Ends at once when `stopping` is aborted.
   */
  readonly rest?: (stopping: AbortSignal) => Promise<void>
  /**
   * The tail has begun, or has begun again, possibly in another topic of that name. Records that were written before
   * do not come any more; later ones do. Must not throw.
   */
  onAssigned(): void
  /** Receives new records of one partition, in order. Must not throw. */
  onRecords(records: readonly ConsumedRecord[]): void
}

export interface Tail {
  /** Whether new records reach `onRecords`. */
  ready(): boolean
  stop(): Promise<void>
}

const retryDelayMs = 500

/**
 * Follows new records of a topic, without a memory: after each (re)assignment it begins at the current ends of the
 * partitions. KafkaJS finds its own "latest" at the first fetch. That would leave a hole between what the caller has
 * read elsewhere and the first record that comes.
 */
export async function startTail(options: TailOptions): Promise<Tail> {
  const { kafka, topic, groupId, log, rest } = options
  const times = { ...defaultGroupTimes, ...options.times }
  const admin = kafka.admin()
  let generation = 0
  let begun = false
  let topicId: string | undefined
  const stopping = new AbortController()
  let assigned: readonly TopicPartition[] = []
  const member = startGroupMember({
    kafka,
    groupId,
    topics: [topic],
    from: 'latest',
    times,
    log,
    onAssigned(partitions) {
      assigned = partitions
      void beginAgain()
    },
    onBatch,
  })

  async function beginAgain(): Promise<void> {
    generation += 1
    begun = false
    await begin(generation, assigned)
  }

  async function begin(current: number, partitions: readonly TopicPartition[]): Promise<void> {
    while (current === generation && !stopping.signal.aborted) {
      try {
        const found = await topicRanges(admin, topic)
        if (current !== generation) return
        if (areOtherTopics(topicId, found.topicId))
          log.warn(
            { topic, topicId: found.topicId },
            'the topic was deleted and created again: it is followed from its end',
          )
        topicId = found.topicId
        for (const at of partitions) member.seek(at, found.ranges.get(at.partition)?.end ?? 0n)
        begun = true
        options.onAssigned()
        return
      } catch (error) {
        log.warn({ err: error, topic }, 'cannot read the end of the topic yet, trying again')
        await sleep(retryDelayMs)
      }
    }
  }

  async function onBatch(batch: FetchedBatch): Promise<void> {
    // A batch that was fetched before the seek is ignored: the caller reads it elsewhere, or it comes again from
    // there.
    if (batch.isStale()) return
    if (begun && areOtherTopics(batch.topicId, topicId)) return await beginAgain()
    if (begun) options.onRecords(batch.records)
    batch.resolve(batch.end)
    // The next fetch begins after this.
    await rest?.(stopping.signal)
  }

  return {
    ready: () => begun && member.joined(),
    async stop() {
      stopping.abort()
      const left = member.leave().then(() => admin.disconnect())
      await withDeadline(left, times.leaveTimeoutMs).catch(() => {
        // It goes on by itself: a server that does not answer must not hold up a stop.
      })
    },
  }
}
