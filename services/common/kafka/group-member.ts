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
  /** The first offset of a partition without a committed one. */
  readonly from: 'earliest' | 'latest'
  readonly times: GroupTimes
  readonly log: Logger
  /** Called at each (re)assignment, before its first fetch; must not throw. */
  onAssigned(partitions: readonly TopicPartition[]): void
  /** Called for several partitions at once, for each in order; must not throw. The next fetch begins when it ends. */
  onBatch(batch: FetchedBatch): Promise<void>
}

export interface GroupMember {
  /** Whether it belongs to its group and reads. */
  joined(): boolean
  /** The number of times that it has given up joining or reading and started again; each one is logged. */
  failures(): number
  seek(at: TopicPartition, offset: bigint): void
  pause(at: TopicPartition): void
  resume(at: TopicPartition): void
  /** Commits offsets, for lag tools. It may fail at any time, without a consequence. */
  commit(offsets: readonly (TopicPartition & { readonly offset: bigint })[]): Promise<void>
  /** Ends the fetches, waits for `onBatch`, and leaves the group, within `leaveTimeoutMs`. */
  leave(): Promise<void>
}

/** The most partitions of one topic that are handled at the same time; further ones take turns. */
const partitionsPerTopic = 24
/** The bound on what a member holds in memory; a larger record still comes, alone. */
const maxBytesPerPartition = 256 * 1024
const restartDelayMs = 1_000
/**
 * KafkaJS counts the failures of all fetches since the last rebalance together, and discards the consumer when there
 * are too many: it would join as a new member, and the group would wait for the old one. So the retries have no end.
 */
const retryMsMax = 1_000

/**
 * Joins a consumer group and keeps reading, whatever happens to the brokers, until it leaves. It returns at once and
 * waits for a cluster that is not there yet in the background.
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
    // A member that is stopped while it joins would join all the same and read on: let it join first.
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

/** @param mayRestart - whether KafkaJS should restart by itself after a failure */
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

/** Between a crash and the restart there is no consumer to steer, and the restart begins with a new assignment. */
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
