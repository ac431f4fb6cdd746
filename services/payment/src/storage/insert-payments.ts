import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Patience } from '../domain/patience.ts'
import { acceptPayment, type Order, type Payment } from '../domain/payment.ts'

/** What a checkout asks for, and where it came from. */
export interface NewPayment extends Order {
  /** W3C trace context of the call that asks for it. */
  readonly traceparent: string
}

/**
 * Inserts PENDING payments, each with its first transition, and returns those that are new, by their ids. Missing is what
 * exists already, and what another payment of its reservation stands in the way of that has not failed.
 *
 * Rows go in by reservation, so that two of these wait for each other in one direction only.
 */
export async function insertPayments(
  em: EntityManager,
  payments: readonly NewPayment[],
  patience: Patience,
): Promise<Map<string, Payment>> {
  const rows = await query<{ payment_id: string; created_ms: number; deadline_ms: number }>(
    em,
    insertPendingPayments,
    [
      payments.map((payment) => payment.paymentId),
      payments.map((payment) => payment.userId),
      payments.map((payment) => payment.reservationId),
      payments.map((payment) => payment.amount),
      patience.deadlineMs,
      patience.askAgainMs,
      payments.map((payment) => payment.traceparent),
    ],
  )
  const wanted = new Map(payments.map((payment) => [payment.paymentId, payment]))
  return new Map(
    rows.flatMap((row) => {
      const payment = wanted.get(row.payment_id)
      if (payment === undefined) return []
      return [[row.payment_id, acceptPayment(payment, new Date(row.created_ms), new Date(row.deadline_ms))]]
    }),
  )
}

/**
 * Without a named constraint DO NOTHING stands for each of them: the payment's id, and one unfailed payment a reservation.
 * The deadline is to the millisecond, as it is published: a restore brings back the same.
 */
const insertPendingPayments = `
  WITH accepted AS (
    INSERT INTO payment (payment_id, user_id, reservation_id, amount, points, seats, refund, status, sequence,
                         deadline, ask_again_at, traceparent)
    SELECT payment_id, user_id, reservation_id, amount, 'UNKNOWN', 'UNKNOWN', 'NONE', 'PENDING', 1,
           date_trunc('milliseconds', now()) + $5 * interval '1 ms', now() + $6 * interval '1 ms', traceparent
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $7::text[])
      AS wanted (payment_id, user_id, reservation_id, amount, traceparent)
    ORDER BY reservation_id, payment_id
    ON CONFLICT DO NOTHING
    RETURNING payment_id, created_at, deadline
  ), transition AS (
    INSERT INTO payment_transition (payment_id, sequence, status, refund, occurred_at)
    SELECT payment_id, 1, 'PENDING', 'NONE', created_at FROM accepted
  )
  SELECT payment_id,
         (extract(epoch FROM created_at) * 1000)::float8 AS created_ms,
         (extract(epoch FROM deadline) * 1000)::float8 AS deadline_ms
  FROM accepted`
