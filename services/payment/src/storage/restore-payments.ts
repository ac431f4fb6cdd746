import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Payment } from '../domain/payment.ts'
import { PaymentEntity } from './entities.ts'
import { type ScheduledPayment, stateColumns, transitionColumns } from './payment-columns.ts'

/** Payments by their ids, and those that have not failed of reservations. */
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
 * Writes payments as they were published, in their order, and the transitions that led there. Open questions are put again after
 * a while. Nobody else works in the database.
 *
 * @param scheduled - first those that have failed, as there is one at the most of a reservation and user that has not
 * @param traceOf - by payment; one that is still known stays
 */
export async function saveRestored(
  em: EntityManager,
  scheduled: readonly ScheduledPayment[],
  transitions: readonly Payment[],
  traceOf: ReadonlyMap<string, string>,
): Promise<void> {
  const payments = scheduled.map(({ state }) => state)
  await query(em, upsertPayments, [
    payments.map((payment) => payment.paymentId),
    payments.map((payment) => payment.userId),
    payments.map((payment) => payment.reservationId),
    payments.map((payment) => payment.amount),
    payments.map((payment) => payment.createdAt),
    payments.map((payment) => payment.deadline),
    ...stateColumns(scheduled),
    payments.map(({ paymentId }) => traceOf.get(paymentId) ?? null),
  ])
  await query(em, insertTransitions, transitionColumns(transitions))
}

const upsertPayments = `
  INSERT INTO payment (payment_id, user_id, reservation_id, amount, created_at, deadline,
    points, seats, refund, status, failure_reason, sequence, attempt, updated_at, ask_again_at, traceparent)
  SELECT payment_id, user_id, reservation_id, amount, created_at, deadline,
    points, seats, refund, status, failure_reason, sequence, attempt, updated_at, now() + ask_again_ms * interval '1 ms',
    traceparent
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[],
      $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::int[], $13::int[], $14::timestamptz[], $15::float8[],
      $16::text[])
    WITH ORDINALITY AS restored (payment_id, user_id, reservation_id, amount, created_at, deadline,
      points, seats, refund, status, failure_reason, sequence, attempt, updated_at, ask_again_ms, traceparent, nth)
  ORDER BY nth
  ON CONFLICT (payment_id) DO UPDATE SET
    points = excluded.points, seats = excluded.seats, refund = excluded.refund, status = excluded.status,
    failure_reason = excluded.failure_reason, sequence = excluded.sequence, attempt = excluded.attempt,
    updated_at = excluded.updated_at, ask_again_at = excluded.ask_again_at,
    traceparent = coalesce(payment.traceparent, excluded.traceparent)`

const insertTransitions = `
  INSERT INTO payment_transition (payment_id, sequence, status, failure_reason, refund, occurred_at)
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
  ON CONFLICT DO NOTHING`
