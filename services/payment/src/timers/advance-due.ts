import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import type { SagaMessage } from '../domain/saga.ts'
import { advancePayments } from '../storage/advance-payments.ts'
import type { Patience } from '../storage/insert-payments.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'

/** What a timer works with. */
export interface TimerScope {
  readonly database: Database
  readonly feed: PaymentFeed
  readonly patience: Patience
}

/** Payments that one transaction takes on. */
export const batchSizeMax = 200

/**
 * Takes the payments that `selectDue` finds through `message`, in one transaction. Replicas share the work: what one has
 * locked, the others pass over.
 *
 * @param selectDue - SQL that selects and locks `payment_id`s, in their order; takes `parameters` after a limit as `$1`
 * @returns how many were due
 */
export async function advanceDue(
  { database, feed, patience }: TimerScope,
  selectDue: string,
  parameters: readonly unknown[],
  message: SagaMessage,
): Promise<number> {
  const { due, changed } = await database.transaction(async (em) => {
    const due = await query<{ payment_id: string }>(em, selectDue, [batchSizeMax, ...parameters])
    if (due.length === 0) return { due, changed: [] }
    const steps = due.map(({ payment_id }) => ({
      paymentId: payment_id,
      message,
      cause: { traceparent: undefined },
    }))
    const { changed, outbox } = await advancePayments(em, steps, patience)
    await appendToOutbox(em, outbox)
    return { due, changed }
  })
  feed.publish(changed)
  return due.length
}
