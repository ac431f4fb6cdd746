import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { isFinal, type Payment, statusOf } from '../domain/payment.ts'
import type { Patience } from './insert-payments.ts'

/**
 * Writes payments that were locked in this transaction as they stand now, and the transitions that led there, in order,
 * in one statement.
 *
 * @param transitions - each payment as it stood after a transition
 */
export async function savePayments(
  em: EntityManager,
  payments: readonly Payment[],
  transitions: readonly Payment[],
  patience: Patience,
): Promise<void> {
  if (payments.length === 0) return
  await query(em, updatePaymentsAndInsertTransitions, [
    payments.map((payment) => payment.paymentId),
    payments.map((payment) => payment.points),
    payments.map((payment) => payment.seats),
    payments.map((payment) => payment.refund),
    payments.map((payment) => statusOf(payment)),
    payments.map((payment) => payment.failureReason),
    payments.map((payment) => payment.sequence),
    payments.map((payment) => payment.attempt),
    payments.map((payment) => payment.updatedAt),
    payments.map((payment) => (isFinal(payment) ? null : askAgainMs(payment.attempt, patience))),
    transitions.map((payment) => payment.paymentId),
    transitions.map((payment) => payment.sequence),
    transitions.map((payment) => statusOf(payment)),
    transitions.map((payment) => payment.failureReason),
    transitions.map((payment) => payment.refund),
    transitions.map((payment) => payment.updatedAt),
  ])
}

function askAgainMs(attempt: number, patience: Patience): number {
  return Math.min(patience.askAgainMs * 2 ** attempt, patience.askAgainMaxMs)
}

const updatePaymentsAndInsertTransitions = `
  WITH updated AS (
    UPDATE payment SET
      points = changed.points, seats = changed.seats, refund = changed.refund, status = changed.status,
      failure_reason = changed.failure_reason, sequence = changed.sequence, attempt = changed.attempt,
      updated_at = changed.updated_at, ask_again_at = now() + changed.ask_again_ms * interval '1 ms'
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[],
                $9::timestamptz[], $10::float8[])
      AS changed (payment_id, points, seats, refund, status, failure_reason, sequence, attempt, updated_at, ask_again_ms)
    WHERE payment.payment_id = changed.payment_id
  )
  INSERT INTO payment_transition (payment_id, sequence, status, failure_reason, refund, occurred_at)
  SELECT * FROM unnest($11::uuid[], $12::integer[], $13::text[], $14::text[], $15::text[], $16::timestamptz[])`
