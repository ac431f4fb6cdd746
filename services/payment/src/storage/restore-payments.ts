import { columns } from '@boxoffice/common/postgres/columns.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Payment } from '../domain/payment.ts'
import { PaymentEntity } from './entities.ts'
import { type ScheduledPayment, stateColumns, transitionColumns } from './payment-columns.ts'

/** Payments by their ids, and the unfailed payments of reservations. */
export async function readKnown(
  em: EntityManager,
  paymentIds: readonly string[],
  reservationIds: readonly string[],
): Promise<Map<string, Payment>> {
  const rows = await em.find(
    PaymentEntity,
    {
      $or: [
        { paymentId: { $in: [...paymentIds] } },
        { reservationId: { $in: [...reservationIds] }, status: { $ne: 'FAILED' } },
      ],
    },
    { disableIdentityMap: true },
  )
  return new Map(rows.map((row) => [row.paymentId, row]))
}

/**
 * Writes payments as they were published, in their order, with the transitions that led to them. Open questions are
 * sent again after a while. Nothing else works in the database during a restore.
 *
 * @param scheduled - failed ones first, as at most one payment of a reservation and user may have not failed
 * @param traceOf - the trace by payment id; a trace that is still stored stays
 */
export async function saveRestored(
  em: EntityManager,
  scheduled: readonly ScheduledPayment[],
  transitions: readonly Payment[],
  traceOf: ReadonlyMap<string, string>,
): Promise<void> {
  const rows = scheduled.map((payment) => ({
    ...payment,
    traceparent: traceOf.get(payment.state.paymentId) ?? null,
  }))
  await query(em, upsertPayments, restored.values(rows))
  await query(em, insertTransitions, transitionColumns.values(transitions))
}

const restored = columns<ScheduledPayment & { readonly traceparent: string | null }>({
  payment_id: ['uuid', ({ state }) => state.paymentId],
  user_id: ['text', ({ state }) => state.userId],
  reservation_id: ['uuid', ({ state }) => state.reservationId],
  amount: ['bigint', ({ state }) => state.amount],
  created_at: ['timestamptz', ({ state }) => state.createdAt],
  deadline: ['timestamptz', ({ state }) => state.deadline],
  ...stateColumns,
  traceparent: ['text', ({ traceparent }) => traceparent],
})

const upsertPayments = `
  INSERT INTO payment (payment_id, user_id, reservation_id, amount, created_at, deadline,
    points, seats, refund, status, failure_reason, sequence, attempt, updated_at, ask_again_at, traceparent)
  SELECT payment_id, user_id, reservation_id, amount, created_at, deadline,
    points, seats, refund, status, failure_reason, sequence, attempt, updated_at, now() + ask_again_ms * interval '1 ms',
    traceparent
  FROM ${restored.unnest('restored', 1, 'nth')}
  ORDER BY nth
  ON CONFLICT (payment_id) DO UPDATE SET
    points = excluded.points, seats = excluded.seats, refund = excluded.refund, status = excluded.status,
    failure_reason = excluded.failure_reason, sequence = excluded.sequence, attempt = excluded.attempt,
    updated_at = excluded.updated_at, ask_again_at = excluded.ask_again_at,
    traceparent = coalesce(payment.traceparent, excluded.traceparent)`

const insertTransitions = `
  INSERT INTO payment_transition (${transitionColumns.names})
  SELECT * FROM ${transitionColumns.unnest('restored')}
  ON CONFLICT DO NOTHING`
