import { lookAtTopics } from '@boxoffice/kafka'
import { type Timer, waitAtMost } from '@boxoffice/pacing'
import type { ReceivedMessage } from '../../message/received-message.ts'
import type { Sql } from '../../sql/sql.ts'
import { silentLog } from '../../telemetry/silence.ts'
import { watchPositions } from '../watching/watch-positions.ts'
import { watchProgress } from '../watching/watch-progress.ts'
import type { ConsumerOptions } from './consumer-options.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { goOn } from './go-on.ts'
import { refuseNames } from './refuse-names.ts'
import { refuseSchema } from './refuse-schema.ts'
import { startReading } from './start-reading.ts'

export interface Consumer {
  /** Whether it belongs to its group and knows its positions. */
  ready(): boolean
  /**
   * Waits for the transaction that is under way, then commits offsets and leaves the group within `leaveTimeoutMs`. A
   * second call waits for the first.
   */
  stop(): Promise<void>
}

/**
 * Consumes the handler's topics: each message has its effect once, in the order of its partition, in one transaction
 * with the position that records it. Returns without waiting for Kafka, and soon if the database is away: see `ready`.
 *
 * @throws TypeError if a name is not valid
 * @throws SchemaError if the tables of messaging are missing, or are of another version of this library
 *
 * @example
 * const consumer = await startConsumer({ name: 'billing', source: 'billing', kafka, database, handler })
 * process.once('SIGTERM', () => consumer.stop())
 */
export async function startConsumer<Tx extends Sql, Message extends ReceivedMessage>(
  given: ConsumerOptions<Tx, Message>,
): Promise<Consumer> {
  // The types of the handler and its database match; from here on a transaction is only an Sql.
  const options = given as unknown as ConsumerOptions

  // 1. It refuses names and tables that it cannot work with.
  refuseNames(options)
  await refuseSchema(options.database)

  // 2. It joins its group, and goes to the stored position of each partition that it is given (take-partitions.ts). It
  //    receives batches (receive-batch.ts). It passes over one that holds nothing for the handler (passing.ts), and
  //    handles any other (handle-batch.ts): batches that wait at the same time share a transaction, which moves their
  //    positions (committing-loop.ts). One pure function decides what comes next in a partition
  //    (partition-progress.ts). Kafka's offsets follow (offset-commits.ts).
  const parts = startReading(options)

  // 3. Where no records come, it notices that a position was moved, or that poison was redriven.
  const positions = watchStoredPositions(options, parts)

  // 4. It notices that nothing moves, though there is something to read.
  const progress = watchOwnProgress(options, parts)

  // 5. It stops once: the transaction ends, positions and offsets are stored, and the group goes on without it.
  let stopping: Promise<void> | undefined
  async function stop(): Promise<void> {
    const timers = Promise.all([positions.stop(), progress.stop()])
    await waitAtMost(parts.settings.leaveTimeoutMs, timers)
    if (!(await leave(parts)))
      (options.log ?? silentLog).warn({ consumer: options.name }, 'Kafka holds up the stop')
  }
  return {
    ready: () => stopping === undefined && parts.member.joined() && parts.assignment?.ready === true,
    async stop() {
      stopping ??= stop()
      await stopping
    },
  }
}

function watchStoredPositions({ name, database }: ConsumerOptions, parts: ConsumerParts): Timer {
  const { settings, observer, member, circuits, held } = parts
  return watchPositions({
    consumer: name,
    database,
    intervalMs: settings.positionCheckIntervalMs,
    assignment: () => parts.assignment,
    onMoved: (partition) => member.seek(partition, partition.progress.position),
    onAccepted: (partition) => goOn(parts, partition, false),
    onRepaired(partition, before) {
      circuits.changed(partition, before)
      held.release(partition)
    },
    onFailure: observer.lost,
  })
}

function watchOwnProgress(options: ConsumerOptions, parts: ConsumerParts): Timer {
  const { name, database, handler, log = silentLog } = options
  const { settings, member, circuits, locateOptions } = parts
  return watchProgress({
    consumer: name,
    database,
    look: options.look ?? (() => lookAtTopics(locateOptions.admin, handler.topics)),
    stuckMs: settings.stuckMs,
    log,
    assignment: () => (member.joined() ? parts.assignment : undefined),
    failures: () => member.failures() + parts.locateFailures,
    onLook(fault) {
      circuits.count()
      options.onStalled?.(fault)
    },
  })
}

/** @returns whether Kafka let it leave in time */
async function leave(parts: ConsumerParts): Promise<boolean> {
  const { settings, loop, passing, commits, held, member, locateOptions } = parts
  // Without this, batches that the loop drops are fetched again at once, until the group is left.
  held.stop(parts.assignment?.partitions ?? [])
  await loop.stop()
  await waitAtMost(settings.leaveTimeoutMs, passing.stop())
  const leaving = async (): Promise<void> => {
    await commits.flush()
    commits.clear()
    parts.assignment?.end()
    await member.leave()
    await locateOptions.admin.disconnect()
  }
  return await waitAtMost(settings.leaveTimeoutMs, leaving())
}
