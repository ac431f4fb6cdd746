import { query } from '@boxoffice/common/postgres/query.ts'
import { isoTime } from '@boxoffice/messaging/sql'
import type { EntityManager } from '@mikro-orm/postgresql'

/** A payment that a timer takes on, locked. */
export interface DuePayment {
  readonly paymentId: string
  /** Null of a payment that a restore has brought back. */
  readonly traceparent: string | null
}

/** Payments whose open question is to be put once more. Replicas share the work: each passes over what another has locked. */
export function lockUnanswered(em: EntityManager, limit: number): Promise<DuePayment[]> {
  return query<DuePayment>(em, selectUnanswered, [limit])
}

/**
 * PENDING payments whose deadline had passed at a time.
 *
 * @param cutoff - made by {@link readOverdueCutoff}
 */
export function lockOverdue(em: EntityManager, limit: number, cutoff: string): Promise<DuePayment[]> {
  return query<DuePayment>(em, selectOverdue, [limit, cutoff])
}

/** The database's time if a PENDING payment's deadline has passed by it; undefined otherwise. */
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

/** As text, because a JavaScript Date would cut the microseconds off. */
const selectCutoff = `
  SELECT ${isoTime('now()')} AS cutoff FROM payment WHERE status = 'PENDING' AND deadline <= now() LIMIT 1`

const selectOverdue = `
  SELECT payment_id AS "paymentId", traceparent FROM payment
  WHERE status = 'PENDING' AND deadline <= $2::timestamptz
  ORDER BY payment_id
  LIMIT $1
  FOR UPDATE SKIP LOCKED`
