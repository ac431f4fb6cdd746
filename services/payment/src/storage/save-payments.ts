import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Payment } from '../domain/payment.ts'
import { type ScheduledPayment, stateColumns, transitionColumns } from './payment-columns.ts'

/**
 * Writes payments that were locked in this transaction as they stand now, and the transitions that led there, in order,
 * in one statement.
 *
 * @param transitions - each payment as it stood after a transition
 */
export async function savePayments(
  em: EntityManager,
  payments: readonly ScheduledPayment[],
  transitions: readonly Payment[],
): Promise<void> {
  if (payments.length === 0) return
  await query(em, updatePaymentsAndInsertTransitions, [
    payments.map(({ state }) => state.paymentId),
    ...stateColumns(payments),
    ...transitionColumns(transitions),
  ])
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
