import { columns } from '@boxoffice/common/postgres/columns.ts'
import { write } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Payment } from '../domain/payment.ts'
import { type ScheduledPayment, stateColumns, transitionColumns } from './payment-columns.ts'

/**
 * Writes payments that this transaction has locked, and the transitions that led to them, in order, in one statement.
 *
 * @param transitions - each payment as it was after a transition
 */
export async function savePayments(
  em: EntityManager,
  payments: readonly ScheduledPayment[],
  transitions: readonly Payment[],
): Promise<void> {
  if (payments.length === 0) return
  await write(em, updatePaymentsAndInsertTransitions, [
    ...changed.values(payments),
    ...transitionColumns.values(transitions),
  ])
}

const changed = columns<ScheduledPayment>({
  payment_id: ['uuid', ({ state }) => state.paymentId],
  ...stateColumns,
})

const updatePaymentsAndInsertTransitions = `
  WITH updated AS (
    UPDATE payment SET
      points = changed.points, seats = changed.seats, refund = changed.refund, status = changed.status,
      failure_reason = changed.failure_reason, sequence = changed.sequence, attempt = changed.attempt,
      updated_at = changed.updated_at, ask_again_at = now() + changed.ask_again_ms * interval '1 ms'
    FROM ${changed.unnest('changed')}
    WHERE payment.payment_id = changed.payment_id
  )
  INSERT INTO payment_transition (${transitionColumns.names})
  SELECT * FROM ${transitionColumns.unnest('reached', changed.count + 1)}`
