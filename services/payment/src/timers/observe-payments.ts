import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { PaymentMetrics } from '../metrics.ts'
import { countOpenPayments } from '../storage/count-open-payments.ts'

const steps = ['USE_POINTS', 'CONFIRM_SEATS', 'REFUND_POINTS'] as const

/** Measures what is in flight and what is stuck, of all replicas. One query by an index of what is open. */
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
    const found = open.find((one) => one.step === step)
    metrics.inFlight.set({ step }, found?.count ?? 0)
    metrics.stuck.set({ step }, found?.stuck ?? 0)
    metrics.oldestSeconds.set({ step }, found?.oldestSeconds ?? 0)
  }
}
