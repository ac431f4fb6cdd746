import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from '../kafka/client.ts'
import type { FetchedBatch, TopicPartition } from '../kafka/consumed-record.ts'
import { startGroupMember } from '../kafka/group-member.ts'
import type { TopicLimits } from '../outbox/append.ts'
import type { Database } from '../postgres/database.ts'
import { isTransient } from '../postgres/errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { type AssignedPartition, Assignment } from './assignment.ts'
import { backoffMs } from './backoff.ts'
import { type Outcome, startCommittingLoop } from './committing-loop.ts'
import { consumerMetrics } from './consumer-metrics.ts'
import { type ConsumerSettings, defaultConsumerSettings } from './consumer-settings.ts'
import { createDecode } from './decode.ts'
import { createHeldPartitions } from './held-partitions.ts'
import { locate, relocate } from './locate.ts'
import type { MessageHandler } from './message-handler.ts'
import { observeProcessing } from './observe-processing.ts'
import { createOffsetCommits } from './offset-commits.ts'
import type { Slice } from './pool.ts'
import { FencedError } from './positions.ts'
import { processSlices } from './process-slices.ts'

export interface ConsumerOptions {
  /** The consumer's name in `consumer_position`, `inbox` and `dead_letter`, and its Kafka group. It never changes. */
  readonly name: string
  readonly kafka: Kafka
  readonly database: Pick<Database, 'transaction'>
  readonly handler: MessageHandler
  /** The service, as in `boxoffice/payment`: it stands in the dead letters' headers. */
  readonly source: string
  readonly log: Logger
  readonly metrics: Metrics
  readonly settings?: Partial<ConsumerSettings>
  /** What each topic takes, for what the handler sends. */
  readonly topicLimits?: TopicLimits
}

export interface Consumer {
  /** Whether it belongs to its group and knows where it stands. */
  ready(): boolean
  /** Lets the transaction under way end, commits offsets and leaves the group. Bounded by `leaveTimeoutMs`. */
  stop(): Promise<void>
}

/**
 * Consumes the handler's topics: each message has its effect once, in the order of its partition, in one transaction with
 * the position that says so. Returns at once; Kafka and the database are waited for, see `ready`.
 */
export async function startConsumer(options: ConsumerOptions): Promise<Consumer> {
  const { name: consumer, kafka, database, handler, log } = options
  const settings = { ...defaultConsumerSettings, ...options.settings }
  const metrics = consumerMetrics(options.metrics)
  const admin = kafka.admin()
  const locating = { consumer, database, admin, onGap }
  const work = { ...options, consumer, decode: createDecode(handler.schemas) }
  const loop = startCommittingLoop({
    limits: settings,
    attemptsMax: settings.attemptsMax,
    process: observeProcessing(consumer, metrics, log, (slices) => processSlices(work, slices)),
    isTransient,
    onFailure,
  })
  const member = startGroupMember({
    kafka,
    groupId: consumer,
    topics: handler.topics,
    from: 'earliest',
    times: settings,
    log,
    onAssigned,
    onBatch,
  })
  const commits = createOffsetCommits(member.commit, settings.offsetCommitIntervalMs)
  const held = createHeldPartitions(member)
  let assignment: Assignment | undefined
  let stopped = false

  function onAssigned(partitions: readonly TopicPartition[]): void {
    assignment?.end()
    held.release()
    commits.clear()
    assignment = new Assignment(partitions)
    void seekToPositions(assignment)
  }

  async function seekToPositions(current: Assignment): Promise<void> {
    // What is under way may still move a position.
    await loop.settled()
    for (let failures = 1; !current.ended; failures++) {
      try {
        const positions = await locate(locating, current.partitions)
        if (current.ended) return
        for (const position of positions) member.seek(position, position.nextOffset)
        current.locate(positions, settings.poolMessagesMax)
        return
      } catch (error) {
        log.warn({ err: error, consumer }, 'cannot read the stored positions yet, trying again')
        await sleep(retryDelayMs(failures))
      }
    }
  }

  async function onBatch(batch: FetchedBatch): Promise<void> {
    const current = assignment
    await current?.located
    const partition = current?.partition(batch)
    // A batch that was fetched before the positions were known comes again from there.
    if (current === undefined || partition === undefined || batch.isStale()) return
    for (;;) {
      const outcome = await attempt(current, partition, batch)
      if (current.ended || outcome === 'dropped') return
      if (partition.position > batch.begin) commits.moved(partition, partition.position)
      if (outcome === 'misplaced') return member.seek(partition, partition.position)
      if (outcome === 'committed') return batch.resolve(partition.position)
      const delayMs = retryDelayMs(partition.failures)
      if (delayMs > settings.retryHoldMaxMs) {
        batch.resolve(partition.position)
        return held.hold(partition, delayMs)
      }
      await sleep(delayMs)
    }
  }

  async function attempt(
    current: Assignment,
    partition: AssignedPartition,
    batch: FetchedBatch,
  ): Promise<Outcome> {
    const outcome = await loop.submit(current, partition, batch)
    if (outcome !== 'misplaced') return outcome
    metrics.misplaced.inc({ consumer })
    try {
      partition.position = await relocate(locating, partition, batch)
      return 'misplaced'
    } catch (error) {
      partition.failures += 1
      log.warn(
        { err: error, consumer, ...placeOf(partition) },
        'cannot read the stored position yet, trying again',
      )
      return 'failed'
    }
  }

  function onFailure(error: unknown, slices: readonly Slice[]): void {
    if (error instanceof FencedError) {
      metrics.fenced.inc({ consumer })
      log.warn({ err: error, consumer }, 'somebody else has moved a position, going on from there')
      return
    }
    metrics.retries.inc({ consumer })
    const partitions = slices.map(
      ({ waiting }) => `${waiting.partition.topic}/${waiting.partition.partition}`,
    )
    log.warn({ err: error, consumer, partitions }, 'a transaction failed and is tried again')
  }

  function onGap(at: TopicPartition, from: bigint, to: bigint): void {
    metrics.gaps.inc({ consumer })
    log.error(
      { consumer, ...placeOf(at), from: String(from), to: String(to) },
      'Kafka no longer has the records at the stored position: going on from the earliest',
    )
  }

  function retryDelayMs(failures: number): number {
    return backoffMs(failures, settings.retryBaseMs, settings.retryCapMs)
  }

  async function stop(): Promise<void> {
    if (stopped) return
    stopped = true
    const end = async (): Promise<void> => {
      await loop.stop()
      await commits.flush()
      assignment?.end()
      held.release()
      await member.leave()
      await admin.disconnect()
    }
    const outcome = await Promise.race([
      end(),
      sleep(settings.leaveTimeoutMs, 'late' as const, { ref: false }),
    ])
    if (outcome === 'late') log.warn({ consumer }, 'did not stop in time')
  }

  return { ready: () => !stopped && member.joined() && assignment?.ready === true, stop }
}

function placeOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
