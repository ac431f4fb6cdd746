import { setTimeout as sleep } from 'node:timers/promises'
import { crashPoint } from '@boxoffice/common/lifecycle/crash-point.ts'
import { databaseAddress } from '@boxoffice/common/postgres/connection.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { VerifiedProducer } from '@boxoffice/kafka'
import type { Tracer } from '@boxoffice/messaging/telemetry'
import { backoffMs, createPace, forgetUnmeasured, pause } from '@boxoffice/pacing'
import type { RelayConfig } from './config.ts'
import type { Database } from './database.ts'
import { decideAccess } from './decide-access.ts'
import { PublishedRows } from './delete-published.ts'
import { applicationPrefix, lookAround } from './look-around.ts'
import type { RelayMetrics } from './metrics.ts'
import { forget, observe } from './observe.ts'
import { sentenceOf } from './obstacles.ts'
import { ParkedRows } from './parked-rows.ts'
import { postponedRetryMs } from './postponed-rows.ts'
import { Publisher } from './publish.ts'
import type { ReplicationStream } from './replication-stream.ts'
import { ObstacleReport } from './report-obstacles.ts'
import { scanTable } from './scan.ts'
import { scanWithoutSlot } from './scan-without-slot.ts'
import { dropFormerSlots, isScanned, noteScanned, slotNameOf } from './slot.ts'
import { sweepForEver } from './sweep.ts'
import { takeSlot } from './take-slot.ts'
import { UnconfirmedBatches } from './unconfirmed-batches.ts'

export interface RelayParts {
  readonly config: RelayConfig
  readonly database: Database
  readonly producer: VerifiedProducer
  readonly metrics: RelayMetrics
  readonly log: Logger
  readonly tracer?: Tracer | undefined
}

/**
 * Publishes a service's outbox until `stopping` is aborted, and begins anew after whatever fails. When it returns, the
 * batch in flight is through, or `stopGraceMs` is over; the slot is free and Kafka is left.
 */
export async function runRelay(parts: RelayParts, stopping: AbortSignal): Promise<void> {
  const { config, log, metrics } = parts
  const stopped = afterGrace(stopping, config.stopGraceMs)
  forget(metrics)
  // Beyond a session's end: one that cannot begin does not measure either.
  const measured = forgetUnmeasured(config.observeIntervalMs, () => forget(metrics))
  for (let failures = 0; !stopping.aborted; ) {
    const startedAt = performance.now()
    try {
      await relayUntilBroken(parts, measured, stopping, stopped)
    } catch (err) {
      if (stopping.aborted) break
      metrics.sessions.inc()
      failures = performance.now() - startedAt > steadyMs ? 1 : failures + 1
      log.warn({ err }, 'the relay begins anew')
      await pause(backoffMs(failures, retryBaseMs, retryCapMs), stopping)
    }
  }
  await parts.producer.close()
}

/** One session, from nothing to what ends it: a failure, or `stopping`. */
async function relayUntilBroken(
  parts: RelayParts,
  measured: () => void,
  stopping: AbortSignal,
  stopped: AbortSignal,
): Promise<void> {
  const { config, database, producer, metrics, log, tracer } = parts
  const slotName = await slotNameOf(database, config.relayName)
  const obstacles = new ObstacleReport(metrics, log)
  const broken = new AbortController()
  const fail = (error: unknown): void => broken.abort(error)
  const ending = AbortSignal.any([stopping, broken.signal])
  const parked = new ParkedRows(database)
  const limits = { rowsMax: config.batchRowsMax, bytesMax: config.batchBytesMax }
  const publisher = new Publisher({
    ...{ producer, parked, metrics, log, tracer },
    patienceMs: config.topicPatienceMs,
    postponedBytesMax: postponedBatchesMax * limits.bytesMax,
  })
  const publishedRows = new PublishedRows(database, fail)
  const retryWhile = async (isDue: () => boolean): Promise<void> => {
    while (isDue()) {
      await sleep(postponedRetryMs, undefined, { signal: ending })
      await publishedRows.add(await publisher.publish([], stopped))
    }
  }
  const publishTable = async (): Promise<void> => {
    for await (const rows of scanTable(database, limits)) {
      ending.throwIfAborted()
      await publishedRows.add(await publisher.publish(rows, stopped))
      await retryWhile(() => publisher.isFull)
    }
    await retryWhile(() => publisher.postponed > 0)
    await publishedRows.drain()
  }
  let standby = false
  let stream: ReplicationStream | undefined
  const background: Promise<unknown>[] = []
  try {
    background.push(observeForEver(parts, slotName, () => !standby, measured, ending))

    // 1. Kafka: a relay that cannot reach it leaves the slot to one that can.
    await producer.connect(ending)

    // 2. The slot: standing by while another relay holds it, scanning the table while the log does not bring it.
    stream = await takeSlot(
      {
        onStandby: () => {
          standby = true
          forget(metrics)
        },
        database,
        standbyPollMs: config.standbyPollMs,
        log,
        obstacles,
        stream: {
          ...limits,
          database: databaseAddress(config),
          slotName,
          names: database.names,
          applicationName: `${applicationPrefix}${config.relayName}`,
          walSenderTimeoutMs: config.walSenderTimeoutMs,
        },
        scanInstead: async () => {
          standby = false
          await parked.load()
          await scanWithoutSlot(
            {
              ...{ database, metrics, publishTable },
              intervalMs: config.scanIntervalMs,
              roundMs: scansPerRound * config.scanIntervalMs,
            },
            ending,
          )
        },
      },
      ending,
    )
    standby = false
    metrics.active.set(1)
    log.info({ slotName }, 'active')

    // 3. What the table holds from before the slot began.
    await parked.load()
    if (!(await isScanned(database, slotName))) {
      await publishTable()
      await noteScanned(database, slotName, true)
    }

    // 4. The stream, and beside it, slowly, the sweep for what it did not bring, and a look whether it still can.
    const intervalMs = config.sweepIntervalMs
    const sweepParts = { database, publisher, publishedRows, metrics, retryWhile, stream, intervalMs }
    background.push(sweepForEver(sweepParts, ending).catch(fail))
    background.push(watchAccess(parts, slotName, ending).catch(fail))
    const pace = createPace(sendPace)
    const unconfirmed = new UnconfirmedBatches()
    for (;;) {
      await retryWhile(() => publisher.isFull)
      await pace.rest(ending)
      const batch = await stream.next(ending, publisher.postponed > 0 ? postponedRetryMs : undefined)
      pace.begin(batch.rows.length)
      const published = await publisher.publish(batch.rows, stopped)
      crashPoint('confirm:before')
      stream.confirm(unconfirmed.add(batch, (row) => publisher.isPostponed(row)))
      crashPoint('confirm:after')
      await publishedRows.add(published)
    }
  } finally {
    // 5. Leave in order: the deletions, then the slot, so that whoever takes it next repeats as little as possible.
    broken.abort(new Error('the session has ended'))
    metrics.active.set(0)
    obstacles.clear()
    await publishedRows.drain()
    await stream?.close()
    await Promise.allSettled(background)
  }
}

/** Ends the session when the log stops bringing the rows, which a stream does not notice, and drops slots of former names. */
async function watchAccess(parts: RelayParts, slotName: string, signal: AbortSignal): Promise<never> {
  const { database, config, log } = parts
  for (;;) {
    const access = decideAccess(await lookAround(database, slotName))
    if (access.kind === 'blocked' || access.kind === 'scan') throw new Error(sentenceOf(access.obstacle))
    await dropFormerSlots(database, slotName, log)
    await sleep(config.observeIntervalMs, undefined, { signal })
  }
}

async function observeForEver(
  parts: RelayParts,
  slotName: string,
  isDue: () => boolean,
  measured: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // What could not be measured stays as it was, for a few rounds; what broke shows elsewhere.
    if (isDue()) await observe(parts.database, slotName, parts.metrics).then(measured, () => {})
    await pause(parts.config.observeIntervalMs, signal)
  }
}

/** Aborted a while after `signal` is. */
function afterGrace(signal: AbortSignal, graceMs: number): AbortSignal {
  const after = new AbortController()
  signal.addEventListener('abort', () => {
    setTimeout(() => after.abort(new Error('stopped')), graceMs).unref()
  })
  return after.signal
}

/** A few rows go at once; once sends carry more than that, each gathers dozens, and the brokers do a fraction of the work. */
const sendPace = { itemsFree: 8, itemMs: 6, roundMsMax: 60 }
/** After so many scans of the table the slot is tried again. */
const scansPerRound = 10
/** So many batches' bytes may wait for topics that are missing or forbidden. */
const postponedBatchesMax = 8
/** A session that held for this long was sound: its end does not lengthen the wait before the next. */
const steadyMs = 10_000
/** The first wait before a new session, and the longest. */
const retryBaseMs = 200
const retryCapMs = 2_000
