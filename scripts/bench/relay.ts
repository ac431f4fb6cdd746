import type { Progress } from '../start/progress.ts'
import { BenchError } from './bench-error.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import type { Measurement } from './closed-loop.ts'
import { latencyOf } from './latency.ts'
import { type RelayUnderTest, startRelays } from './relay-alone.ts'
import { RowLedger } from './row-ledger.ts'
import { openWriters } from './row-writers.ts'
import { brokerMetrics } from './services.ts'
import { outboxesEmpty } from './settle.ts'
import { startMeter } from './usage-meter.ts'

const writers = 8
const warmUpRows = 3_000
const fullMs = 10_000
const steady = { rate: 300, seconds: 20 }
const consumedTimeoutMs = 60_000

/**
 * Measures one relay, or one per shard, between a real PostgreSQL and real brokers, without services. First, eight
 * connections insert one row per transaction as fast as they can: the rate counts from the first insert until the last
 * row is consumed. Then they insert 300 rows per second: the latency is the time from a commit until the row is
 * consumed.
 */
export async function measureRelay(
  shards: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<Measurement> {
  const ledger = new RowLedger()
  const relay = await startRelays(shards, ledger, progress, signal)
  try {
    const brokers = await brokerMetrics(relay, progress)
    const { insert, close } = openWriters(relay.databaseUrl, relay.topic, writers)
    try {
      return await measure({ ...relay, brokers }, ledger, insert, progress, signal)
    } finally {
      await close()
      await brokers?.stop()
    }
  } finally {
    await relay.stop()
  }
}

async function measure(
  relay: RelayUnderTest & { readonly brokers: BrokerMetrics | undefined },
  ledger: RowLedger,
  insert: (row: number) => Promise<void>,
  progress: Progress,
  signal: AbortSignal,
): Promise<Measurement> {
  const insertWhile = async (goesOn: (rows: number) => boolean): Promise<number> => {
    const first = ledger.count
    await Promise.all(
      Array.from({ length: writers }, async () => {
        while (goesOn(ledger.count - first)) {
          signal.throwIfAborted()
          const row = ledger.begin()
          await insert(row)
          ledger.committed(row)
        }
      }),
    )
    await ledger.allConsumed(consumedTimeoutMs, signal)
    return ledger.count - first
  }

  const warm = progress.step('relay: warm-up')
  await insertWhile((rows) => rows < warmUpRows)
  warm(`${warmUpRows} rows, not counted`)

  const stopMeter = await startMeter(relay.processes, relay.brokers)
  const full = progress.step('relay: eight writers')
  const startedAt = performance.now()
  const rows = await insertWhile(() => performance.now() < startedAt + fullMs)
  const seconds = (ledger.lastConsumedAt - startedAt) / 1000
  const spent = await stopMeter()
  full(`${rows} rows`)

  const atRate = progress.step(`relay: ${steady.rate} rows/s`)
  const first = ledger.count
  await insertAtRate(ledger, insert, signal)
  await ledger.allConsumed(consumedTimeoutMs, signal)
  const latencyMs = latencyOf(ledger.latenciesFrom(first))
  atRate(`${ledger.count - first} rows`)

  await outboxesEmpty([relay.databaseUrl], signal)
  return { calls: rows, seconds, latencyMs, spent }
}

/** Inserts each row at its due time, with any free writer: eight writers can do ten times as much. */
async function insertAtRate(
  ledger: RowLedger,
  insert: (row: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const startAt = performance.now()
  const total = steady.rate * steady.seconds
  const underWay = new Set<Promise<void>>()
  let failure: unknown
  for (let index = 0; index < total; index++) {
    const waitMs = startAt + (index * 1000) / steady.rate - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    signal.throwIfAborted()
    if (failure !== undefined) throw failure
    const row = ledger.begin()
    const inserting = insert(row)
      .then(() => ledger.committed(row))
      .catch((error) => {
        failure ??= error
      })
      .finally(() => underWay.delete(inserting))
    underWay.add(inserting)
  }
  await Promise.all(underWay)
  if (failure !== undefined) throw new BenchError(`A row could not be inserted: ${String(failure)}`)
}
