import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { PaymentMetrics } from '../metrics.ts'
import { countOpenPayments } from '../storage/count-open-payments.ts'

const steps = ['USE_POINTS', 'CONFIRM_SEATS', 'REFUND_POINTS'] as const

/** Measures open and stuck payments of all replicas, with one query that uses the index of open payments. */
export async function observePayments({
  database,
  metrics,
  stuckAfterMs,
}: {
  readonly database: Pick<Database, 'em'>
  readonly metrics: PaymentMetrics
  readonly stuckAfterMs: number
}): Promise<void> {
  const open = await countOpenPayments(database.em(), stuckAfterMs)
  for (const step of steps) {
    const found = open.find((payments) => payments.step === step)
    metrics.inFlight.set({ step }, found?.count ?? 0)
    metrics.stuck.set({ step }, found?.stuck ?? 0)
    metrics.oldestSeconds.set({ step }, found?.oldestSeconds ?? 0)
  }
}
