import { setTimeout as sleep } from 'node:timers/promises'
import type { FetchedBatch, TopicPartition } from '@boxoffice/kafka'
import { areOtherTopics, lookAtTopics, startGroupMember } from '@boxoffice/kafka'
import { backoffMs, waitAtMost } from '@boxoffice/pacing'
import { createDecode } from '../../message/decode.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'
import { isTransient } from '../../sql/errors.ts'
import type { Sql } from '../../sql/sql.ts'
import { noMetrics, silentLog } from '../../telemetry/silence.ts'
import { type AssignedPartition, Assignment } from '../assignment/assignment.ts'
import { locate, relocate } from '../assignment/locate.ts'
import { withRecentPoison } from '../assignment/recent-poison.ts'
import { watchPositions } from '../watching/watch-positions.ts'
import { watchProgress } from '../watching/watch-progress.ts'
import { type Outcome, startCommittingLoop } from './committing-loop.ts'
import { consumerMetrics } from './consumer-metrics.ts'
import type { ConsumerOptions } from './consumer-options.ts'
import { defaultConsumerSettings } from './consumer-settings.ts'
import { createHeldPartitions } from './held-partitions.ts'
import { observeConsumer } from './observe.ts'
import { createOffsetCommits } from './offset-commits.ts'
import { createPassing } from './passing.ts'
import type { Slice } from './pool.ts'
import { processSlices } from './process-slices.ts'
import { refuseNames } from './refuse-names.ts'
import { refuseSchema } from './refuse-schema.ts'
import { createStoppedPartitions } from './stopped-partitions.ts'

export interface Consumer {
  /** Whether it belongs to its group and knows where it stands. */
  ready(): boolean
  /** Lets the transaction under way end, then commits offsets and leaves the group within `leaveTimeoutMs`. */
  stop(): Promise<void>
}

/**
 * Consumes the handler's topics: each message has its effect once, in the order of its partition, in one transaction with
 * the position that says so. Returns at once; Kafka and the database are waited for, see `ready`.
 *
 * @throws TypeError if a name cannot be one; SchemaError if the tables of messaging are not there, or not of this version of the library
 *
 * @example
 * const consumer = await startConsumer({ name: 'billing', source: 'billing', kafka, database, handler })
 * process.once('SIGTERM', () => consumer.stop())
 */
export async function startConsumer<Tx extends Sql, Message extends ReceivedMessage>(
  given: ConsumerOptions<Tx, Message>,
): Promise<Consumer> {
  // From here on a transaction is an Sql: the handler and its database fit each other.
  const options = given as unknown as ConsumerOptions
  const { name: consumer, kafka, database, handler, log = silentLog } = options
  refuseNames(options)
  await refuseSchema(database)
  const settings = { ...defaultConsumerSettings, ...options.settings }
  const observer = observeConsumer(consumer, consumerMetrics(options.metrics ?? noMetrics), log)
  const admin = kafka.admin()
  const locating = { consumer, database, admin, onGap: observer.gap }
  const work = {
    ...options,
    consumer,
    decode: createDecode(handler.codec),
    poisonMax: settings.poisonWindow,
  }
  const loop = startCommittingLoop({
    limits: settings,
    attemptsMax: settings.attemptsMax,
    process,
    isTransient,
    onFailure: observer.failed,
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
  const commits = createOffsetCommits(async (offsets) => {
    options.onStep?.('offset-commit:before')
    await member.commit(offsets)
    options.onStep?.('offset-commit:after')
  }, settings.offsetCommitIntervalMs)
  const passing = createPassing({
    ...work,
    intervalMs: settings.positionStoreIntervalMs,
    recordsMax: settings.poolMessagesMax,
    onPassed: observer.passedOver,
    onStored,
    onFailure: (error) => observer.failed(error, []),
  })
  const held = createHeldPartitions(member)
  const stopping = createStoppedPartitions(observer, held, settings, () => assignment)
  const watch = watchPositions({
    consumer,
    database,
    intervalMs: settings.positionCheckIntervalMs,
    assignment: () => assignment,
    onMoved: (partition) => member.seek(partition, partition.position),
    onAccepted: (partition) => goOn(partition, false),
    onMended: (partition) => stopping.mended(partition),
    onFailure: observer.lost,
  })
  const progress = watchProgress({
    consumer,
    database,
    look: options.look ?? (() => lookAtTopics(admin, handler.topics)),
    stuckMs: settings.stuckMs,
    log,
    assignment: () => (member.joined() ? assignment : undefined),
    failures: () => member.failures() + notLocated,
    onLook(fault) {
      stopping.count()
      options.onStalled?.(fault)
    },
  })
  let assignment: Assignment | undefined
  let stopped = false
  let notLocated = 0

  function onAssigned(partitions: readonly TopicPartition[]): void {
    assignment?.end()
    held.release()
    passing.clear()
    commits.clear()
    assignment = new Assignment(partitions)
    void seekToPositions(assignment)
  }

  async function seekToPositions(current: Assignment): Promise<void> {
    // What is under way may still move a position.
    await Promise.all([loop.settled(), passing.settled()])
    for (let failures = 1; !current.ended; failures++) {
      try {
        const located = await locate(locating, current.partitions)
        const positions = await withRecentPoison(located, { ...locating, window: settings.poisonWindow })
        if (current.ended) return
        current.locate(positions, settings.poolMessagesMax, settings.poisonWindow)
        for (const position of positions) {
          goOn(position, position.isRecreated)
          // Also of a partition in which nothing comes: a lag tool takes one without an offset for unread.
          if (!position.isRecreated) commits.moved(position, position.nextOffset)
        }
        stopping.count()
        return
      } catch (error) {
        notLocated += 1
        observer.lost(error)
        await sleep(retryDelayMs(failures))
      }
    }
  }

  /** From the stored position, or not at all: in another topic of that name it says nothing. */
  function goOn(at: TopicPartition, isRecreated: boolean): void {
    const partition = assignment?.partition(at)
    if (partition === undefined) return
    partition.isRecreated = isRecreated
    if (isRecreated) {
      member.pause(partition)
      observer.recreated(partition)
      return
    }
    member.resume(partition)
    member.seek(partition, partition.position)
  }

  /** A batch of another topic than the position's: fetched before the topic was accepted, or of one that is made anew. */
  async function meetAnotherTopic(current: Assignment, partition: AssignedPartition): Promise<void> {
    try {
      const [located] = await locate(locating, [partition])
      if (current.ended || located === undefined || partition.isRecreated) return
      const { nextOffset, topicId, isRecreated } = located
      const isKnown = topicId === partition.topicId && nextOffset === partition.stored
      if (!isKnown) current.moveTo(partition, nextOffset, topicId)
      // Kafka's answers contradict one another: they will agree.
      else if (!isRecreated) await waitAfterFailure(partition)
      if (!current.ended) goOn(partition, isRecreated)
    } catch (error) {
      observer.lost(error)
      await waitAfterFailure(partition)
      if (!current.ended) member.seek(partition, partition.position)
    }
  }

  async function waitAfterFailure(partition: AssignedPartition): Promise<void> {
    partition.failures += 1
    await sleep(Math.min(retryDelayMs(partition.failures), settings.retryHoldMaxMs))
  }

  async function process(slices: readonly Slice[]): Promise<void> {
    const startedAt = performance.now()
    const processed = await processSlices(work, slices)
    observer.committed(slices, processed, performance.now() - startedAt)
    for (const { waiting, to } of slices) {
      stopping.judge(waiting.partition, processed)
      onStored(waiting.partition, to)
    }
  }

  function onStored(partition: AssignedPartition, to: bigint): void {
    if (assignment?.partition(partition) === partition) commits.moved(partition, to)
  }

  async function onBatch(batch: FetchedBatch): Promise<void> {
    const current = assignment
    await current?.located
    const partition = current?.partition(batch)
    // A batch that was fetched before the positions were known comes again from there.
    if (current === undefined || partition === undefined || batch.isStale()) return
    if (areOtherTopics(batch.topicId, partition.topicId)) {
      await meetAnotherTopic(current, partition)
      return
    }
    if (passing.pass(current, partition, batch)) {
      batch.resolve(partition.position)
      return passing.rest()
    }
    partition.handling = true
    try {
      // The transaction begins at the stored position.
      await passing.settled()
      await handleBatch(current, partition, batch)
    } finally {
      partition.handling = false
    }
  }

  async function handleBatch(
    current: Assignment,
    partition: AssignedPartition,
    batch: FetchedBatch,
  ): Promise<void> {
    partition.poison.tryAgain()
    for (;;) {
      const outcome = await attempt(current, partition, batch)
      if (current.ended || outcome === 'dropped') return
      if (outcome === 'misplaced') return member.seek(partition, partition.position)
      if (outcome === 'committed') return batch.resolve(partition.position)
      if (outcome === 'stopped') {
        batch.resolve(partition.position)
        return held.hold(partition, stopping.restMs(partition))
      }
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
    observer.misplaced()
    try {
      const { nextOffset, topicId } = await relocate(locating, partition, batch)
      current.moveTo(partition, nextOffset, topicId)
      return 'misplaced'
    } catch (error) {
      partition.failures += 1
      observer.lost(error)
      return 'failed'
    }
  }

  function retryDelayMs(failures: number): number {
    return backoffMs(failures, settings.retryBaseMs, settings.retryCapMs)
  }

  async function stop(): Promise<void> {
    if (stopped) return
    stopped = true
    await watch.stop()
    await waitAtMost(settings.leaveTimeoutMs, progress.stop())
    await loop.stop()
    await waitAtMost(settings.leaveTimeoutMs, passing.stop())
    const leave = async (): Promise<void> => {
      await commits.flush()
      commits.clear()
      assignment?.end()
      held.release()
      await member.leave()
      await admin.disconnect()
    }
    if (!(await waitAtMost(settings.leaveTimeoutMs, leave())))
      log.warn({ consumer }, 'Kafka holds up the stop')
  }

  return { ready: () => !stopped && member.joined() && assignment?.ready === true, stop }
}
