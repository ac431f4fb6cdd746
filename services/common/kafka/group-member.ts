import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { FetchedBatch, TopicPartition } from './consumed-record.ts'
import type { Kafka } from './create-client.ts'
import { fetchedBatch, releaseBatch } from './fetched-batch.ts'
import type { GroupTimes } from './group-times.ts'
import { withHeartbeats } from './heartbeats.ts'
import type { Logger } from './logger.ts'
import { withDeadline } from './with-deadline.ts'

export interface GroupMemberOptions {
  readonly kafka: Kafka
  readonly groupId: string
  readonly topics: readonly string[]
  /** Where a partition without a committed offset is read from at first. */
  readonly from: 'earliest' | 'latest'
  readonly times: GroupTimes
  readonly log: Logger
  /** Called at each (re)assignment, before its first fetch; must not throw. */
  onAssigned(partitions: readonly TopicPartition[]): void
  /** Called for up to all partitions at once, for each in its order; must not throw. Its end lets the next fetch begin. */
  onBatch(batch: FetchedBatch): Promise<void>
}

export interface GroupMember {
  /** Whether it belongs to its group and reads. */
  joined(): boolean
  /** How often it has given up joining or reading so far, and begun again; each time is logged. */
  failures(): number
  seek(at: TopicPartition, offset: bigint): void
  pause(at: TopicPartition): void
  resume(at: TopicPartition): void
  /** For lag tools; may fail at any time, and nothing follows from it. */
  commit(offsets: readonly (TopicPartition & { readonly offset: bigint })[]): Promise<void>
  /** Ends the fetches, waits for `onBatch`, and leaves the group. Bounded. */
  leave(): Promise<void>
}

/** Partitions of one topic that are handled at the same time; those beyond take turns. */
const partitionsPerTopic = 24
/** Bounds what a member holds in memory; a larger record still comes, alone. */
const maxBytesPerPartition = 256 * 1024
const restartDelayMs = 1_000
/**
 * KafkaJS counts the failures of all fetches since the last rebalance together, and throws the consumer away when there are too
 * many: it would join as a new member, and the group would wait for the old one.
 */
const retryMsMax = 1_000

/**
 * Joins a consumer group and keeps reading, whatever happens to the brokers, until it leaves. Returns at once: a cluster
 * that is not there yet is waited for.
 */
export function startGroupMember(options: GroupMemberOptions): GroupMember {
  const { groupId, topics, times, log, onAssigned } = options
  let leaving = false
  let joined = false
  let failures = 0
  const consumer = openConsumer(options, () => !leaving)
  const { events } = consumer

  consumer.on(events.GROUP_JOIN, ({ payload }) => {
    joined = true
    onAssigned(partitionsOf(payload.memberAssignment))
  })
  consumer.on(events.REBALANCING, () => {
    joined = false
  })
  consumer.on(events.CRASH, ({ payload }) => {
    joined = false
    failures += 1
    log.warn({ err: payload.error, groupId }, 'consumer stopped reading and starts again')
    if (!payload.restart && !leaving) running = restart()
  })

  let running = run()

  async function restart(): Promise<void> {
    await sleep(restartDelayMs)
    await run()
  }

  async function run(): Promise<void> {
    while (!leaving) {
      try {
        await consumer.connect()
        await consumer.subscribe({ topics: [...topics], fromBeginning: options.from === 'earliest' })
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: topics.length * partitionsPerTopic,
          eachBatch,
        })
        return
      } catch (error) {
        failures += 1
        log.warn({ err: error, groupId, topics }, 'cannot consume yet, trying again')
        await sleep(restartDelayMs)
      }
    }
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    let lost = false
    const batch = fetchedBatch(payload, () => lost)
    try {
      await withHeartbeats(options.onBatch(batch), payload.heartbeat, times.heartbeatIntervalMs, () => {
        lost = true
      })
    } finally {
      releaseBatch(payload)
    }
  }

  async function leave(): Promise<void> {
    leaving = true
    // A member that is told to stop while it joins would join all the same and read on: let it join first.
    const left = running.then(() => consumer.disconnect())
    await withDeadline(left, times.leaveTimeoutMs).catch((err: unknown) =>
      log.warn({ groupId, err }, 'did not leave the consumer group'),
    )
    joined = false
  }

  return {
    joined: () => joined,
    failures: () => failures,
    ...steering(consumer),
    leave,
  }
}

function steering(consumer: Consumer): Pick<GroupMember, 'seek' | 'pause' | 'resume' | 'commit'> {
  return {
    seek: ({ topic, partition }, offset) =>
      whileRunning(() => consumer.seek({ topic, partition, offset: String(offset) })),
    pause: ({ topic, partition }) => whileRunning(() => consumer.pause([{ topic, partitions: [partition] }])),
    resume: ({ topic, partition }) =>
      whileRunning(() => consumer.resume([{ topic, partitions: [partition] }])),
    commit: (offsets) =>
      consumer.commitOffsets(
        offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) })),
      ),
  }
}

/** @param mayRestart - whether KafkaJS is to begin again by itself after a failure */
function openConsumer({ kafka, groupId, times }: GroupMemberOptions, mayRestart: () => boolean): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: times.sessionTimeoutMs,
    heartbeatInterval: times.heartbeatIntervalMs,
    rebalanceTimeout: times.rebalanceTimeoutMs,
    maxWaitTimeInMs: times.maxWaitMs,
    minBytes: 1,
    maxBytesPerPartition,
    allowAutoTopicCreation: false,
    retry: {
      retries: Number.MAX_SAFE_INTEGER,
      maxRetryTime: retryMsMax,
      restartOnFailure: async () => mayRestart(),
    },
  })
}

/** Between a crash and the restart there is nothing to steer, and the restart begins with a new assignment. */
function whileRunning(steer: () => void): void {
  try {
    steer()
  } catch (error) {
    if ((error as Error).name !== 'KafkaJSNonRetriableError') throw error
  }
}

function partitionsOf(assignment: Readonly<Record<string, readonly number[]>>): TopicPartition[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  )
}
