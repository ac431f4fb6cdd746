import { query } from '@boxoffice/common/postgres/query.ts'
import { isoTime } from '@boxoffice/messaging/sql'
import type { EntityManager } from '@mikro-orm/postgresql'

/** A payment that a timer handles, locked. */
export interface DuePayment {
  readonly paymentId: string
  /** Null for a payment that a restore has brought back. */
  readonly traceparent: string | null
}

/** Locks payments that have to ask again. Replicas share the work: each skips rows locked by another. */
export function lockUnanswered(em: EntityManager, limit: number): Promise<DuePayment[]> {
  return query<DuePayment>(em, selectUnanswered, [limit])
}

/**
 * PENDING payments whose deadline had passed at `cutoff`.
 *
 * @param cutoff - a time from {@link readOverdueCutoff}
 */
export function lockOverdue(em: EntityManager, limit: number, cutoff: string): Promise<DuePayment[]> {
  return query<DuePayment>(em, selectOverdue, [limit, cutoff])
}

/** The database's time if the deadline of a PENDING payment has passed; undefined otherwise. */
export async function readOverdueCutoff(em: EntityManager): Promise<string | undefined> {
  const [row] = await query<{ cutoff: string }>(em, selectCutoff)
  return row?.cutoff
}

const selectUnanswered = `
  SELECT payment_id AS "paymentId", traceparent FROM payment
  WHERE ask_again_at <= now()
  ORDER BY payment_id
  LIMIT $1
  FOR UPDATE SKIP LOCKED`

/** As text, because a JavaScript Date would lose the microseconds. */
const selectCutoff = `
  SELECT ${isoTime('now()')} AS cutoff FROM payment WHERE status = 'PENDING' AND deadline <= now() LIMIT 1`

const selectOverdue = `
  SELECT payment_id AS "paymentId", traceparent FROM payment
  WHERE status = 'PENDING' AND deadline <= $2::timestamptz
  ORDER BY payment_id
  LIMIT $1
  FOR UPDATE SKIP LOCKED`
