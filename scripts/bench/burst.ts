import { setTimeout as sleep } from 'node:timers/promises'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import { atOnce } from './at-once.ts'
import { BenchError } from './bench-error.ts'
import { submit } from './buy.ts'
import type { Measurement } from './closed-loop.ts'
import { latencyOf } from './latency.ts'
import type { Load } from './scenarios.ts'
import { startMeter } from './usage-meter.ts'

const pollMs = 200
const completedTimeoutMs = 300_000

/**
 * Submits checkouts without waiting for their end, as other saga engines are measured. The burst ends with the last
 * transition to COMPLETED, by the database's clock, which is this machine's. A latency is the time from the call to
 * that transition.
 *
 * @throws BenchError unless every payment is COMPLETED
 */
export async function measureBurst(
  { client, processes, brokers, buyers, signal }: Load,
  callers: number,
  paymentDatabaseUrl: string,
): Promise<Measurement> {
  const stop = await startMeter(processes, brokers)
  const calledAt = new Map<string, number>()
  const answers: number[] = []
  const firstCallAt = clock()
  await atOnce(callers, buyers, async (buyer) => {
    const beganAt = clock()
    const paymentId = await submit(client, buyer, signal)
    answers.push(clock() - beganAt)
    calledAt.set(paymentId, beganAt)
  })
  const completedAt = await completionsOf([...calledAt.keys()], paymentDatabaseUrl, signal)
  const spent = await stop()
  const times = [...calledAt].map(([paymentId, at]) => (completedAt.get(paymentId) ?? Number.NaN) - at)
  const lastCompletedAt = Math.max(...completedAt.values())
  return {
    calls: buyers.length,
    seconds: (lastCompletedAt - firstCallAt) / 1000,
    latencyMs: latencyOf(times),
    answerMs: latencyOf(answers),
    spent,
  }
}

/** Milliseconds since 1970, comparable with PostgreSQL's clock_timestamp(). */
function clock(): number {
  return performance.timeOrigin + performance.now()
}

/** Waits until all payments are final, and returns the time at which each became COMPLETED. */
async function completionsOf(
  paymentIds: readonly string[],
  databaseUrl: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const database = new (clientOf({ url: databaseUrl }, pg.Client))()
  await database.connect()
  try {
    const deadline = Date.now() + completedTimeoutMs
    while (await anyOpen(database, paymentIds)) {
      if (Date.now() > deadline) throw new BenchError('The payments of the burst do not become final.')
      await sleep(pollMs, undefined, { signal })
    }
    const { rows } = await database.query<{ paymentId: string; at: number }>(completions, [paymentIds])
    if (rows.length !== paymentIds.length) {
      throw new BenchError(`Only ${rows.length} of ${paymentIds.length} payments are COMPLETED.`)
    }
    return new Map(rows.map(({ paymentId, at }) => [paymentId, at]))
  } finally {
    await database.end()
  }
}

async function anyOpen(database: pg.Client, paymentIds: readonly string[]): Promise<boolean> {
  const { rows } = await database.query<{ open: boolean }>(openPayments, [paymentIds])
  return rows[0]?.open ?? false
}

const openPayments = `
  SELECT EXISTS (
    SELECT FROM payment WHERE status IN ('PENDING', 'PROCESSING') AND payment_id = ANY ($1::uuid[])
  ) AS "open"`

const completions = `
  SELECT payment_id AS "paymentId", extract(epoch FROM occurred_at)::float8 * 1000 AS "at"
  FROM payment_transition WHERE status = 'COMPLETED' AND payment_id = ANY ($1::uuid[])`
