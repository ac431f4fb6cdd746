import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { VerifiedProducer } from '@boxoffice/kafka'
import type { Tracer } from '@boxoffice/messaging/telemetry'
import { pause } from '@boxoffice/pacing'
import type { RelayConfig } from './config.ts'
import type { Database } from './database.ts'
import { deferredRetryMs } from './deferred-rows.ts'
import { OutboxDeleter } from './delete-published.ts'
import { type Layout, layoutOf, type OutboxShard, slotNamesOf } from './layout.ts'
import type { RelayMetrics } from './metrics.ts'
import { forget, observe } from './observe.ts'
import { ParkedRows } from './parked-rows.ts'
import { Publisher } from './publish.ts'
import type { ReplicationStream } from './replication-stream.ts'
import { ObstacleReport } from './report-obstacles.ts'
import { findRowsWithoutId } from './rows-without-id.ts'
import { scanTable } from './scan.ts'

export interface RelayParts {
  readonly config: RelayConfig
  readonly database: Database
  readonly producer: VerifiedProducer
  readonly metrics: RelayMetrics
  readonly log: Logger
  readonly tracer?: Tracer | undefined
}

/** The parts of a session. */
export interface SessionParts extends RelayParts {
  /** Called after each measurement. */
  readonly measured: () => void
  readonly stopping: AbortSignal
  /** Aborted a while after `stopping`, when the time of the batch in flight is over. */
  readonly stopped: AbortSignal
}

/**
 * What a relay holds from its start to the failure or the stop that ends it: connections, timers and rows in memory.
 */
export class Session {
  readonly parts: SessionParts
  readonly layout: Layout
  readonly obstacles: ObstacleReport
  readonly parked: ParkedRows
  readonly publisher: Publisher
  readonly deleter: OutboxDeleter
  /** Aborted when the relay is to stop, or when something has broken. */
  readonly ending: AbortSignal
  stream: ReplicationStream | undefined
  /** The reason for which other relays publish and measure, and this one does not. */
  standbyReason: string | undefined
  #hasNamedRow = false
  readonly #broken = new AbortController()
  readonly #background: Promise<unknown>[] = []

  private constructor(parts: SessionParts, layout: Layout) {
    const { config, database, producer, metrics, log, tracer } = parts
    this.parts = parts
    this.layout = layout
    this.obstacles = new ObstacleReport(metrics, log)
    this.parked = new ParkedRows(database)
    this.publisher = new Publisher({
      ...{ producer, parked: this.parked, metrics, log, tracer },
      patienceMs: config.topicPatienceMs,
      deferredBytesMax: deferredBatchesMax * config.batchBytesMax,
    })
    this.deleter = new OutboxDeleter(database, this.fail)
    this.ending = AbortSignal.any([parts.stopping, this.#broken.signal])
  }

  /** Begins, and measures from then on what waits, whether Kafka can be reached or not. */
  static async begin(parts: SessionParts): Promise<Session> {
    const { database, config, metrics, measured } = parts
    const session = new Session(parts, await layoutOf(database, config.relayName, config.relayShards))
    const { ending, layout } = session
    const observeForEver = async (): Promise<void> => {
      while (!ending.aborted) {
        // After a failed measurement the values stay for a few rounds; the failure itself shows elsewhere.
        if (session.standbyReason === undefined)
          await observe(database, slotNamesOf(layout), metrics).then(measured, () => {})
        await pause(config.observeIntervalMs, ending)
      }
    }
    session.runBeside(observeForEver())
    return session
  }

  /** Ends the session because of an error. */
  readonly fail = (error: unknown): void => this.#broken.abort(error)

  /**
   * Logs rows without an id, once. Such a row is left alone, since it could not be deleted; the others are published.
   */
  readonly nameRowWithoutId = (): void => {
    if (this.#hasNamedRow) return
    this.#hasNamedRow = true
    const { database, log } = this.parts
    void findRowsWithoutId(database)
      // The rows exist, even if they could not be counted.
      .catch((err: unknown) => ({ err }))
      .then((found) =>
        log.error(
          { ...database.names, ...found },
          'a row of the outbox has no id: it is neither published nor deleted',
        ),
      )
  }

  /** Runs `work` beside the session; the session ends if it fails. */
  runBeside(work: Promise<unknown>): void {
    this.#background.push(work.catch(this.fail))
  }

  get limits(): { readonly rowsMax: number; readonly bytesMax: number } {
    const { batchRowsMax: rowsMax, batchBytesMax: bytesMax } = this.parts.config
    return { rowsMax, bytesMax }
  }

  /** Tries the rows that wait for their topic again, while `isDue`. */
  readonly retryWhile = async (isDue: () => boolean, signal = this.ending): Promise<void> => {
    while (isDue()) {
      await pause(deferredRetryMs, signal)
      signal.throwIfAborted()
      await this.deleter.add(await this.publisher.publish([], this.parts.stopped))
    }
  }

  /**
   * Publishes a shard's rows in the table, in id order, and deletes them; stops at the next batch once `held` is
   * aborted.
   */
  async publishTable({ filter }: OutboxShard, held = this.ending): Promise<void> {
    for await (const rows of scanTable(this.parts.database, filter, this.limits, this.nameRowWithoutId)) {
      held.throwIfAborted()
      await this.deleter.add(await this.publisher.publish(rows, this.parts.stopped))
      await this.retryWhile(() => this.publisher.isFull, held)
    }
    await this.retryWhile(() => this.publisher.deferred > 0, held)
    await this.deleter.drain()
  }

  standBy(reason: string): void {
    this.standbyReason = reason
    forget(this.parts.metrics)
  }

  /** Begins to publish a shard whose slot this relay holds. */
  async activate({ number, slotName }: OutboxShard): Promise<void> {
    const { metrics, log } = this.parts
    this.standbyReason = undefined
    metrics.active.set(1)
    metrics.shard.set(number)
    log.info({ slotName }, 'active')
    await this.parked.load()
  }

  /** Ends in order: first the deletions, then the slot, so that the next relay repeats as little as possible. */
  async end(): Promise<void> {
    const { metrics } = this.parts
    this.#broken.abort(new Error('the session has ended'))
    metrics.active.set(0)
    metrics.shard.remove()
    this.obstacles.clear()
    await this.deleter.drain()
    await this.stream?.close()
    await Promise.allSettled(this.#background)
  }
}

/** The number of batches whose bytes may wait for topics that are missing or forbidden. */
const deferredBatchesMax = 8
