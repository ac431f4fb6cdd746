import { query } from '@boxoffice/common/postgres/query.ts'
import type { LockedStates } from '@boxoffice/saga'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Payment } from '../domain/payment.ts'

/** Loads payments by their ids and locks them, in the order of their ids, until the transaction ends. */
export async function lockPayments(
  em: EntityManager,
  paymentIds: readonly string[],
): Promise<LockedStates<Payment>> {
  const rows = await query<LockedRow>(em, selectPaymentsForUpdate, [[...new Set(paymentIds)]])
  return {
    states: new Map(rows.map(({ now: _, ...row }) => [row.paymentId, toPayment(row)])),
    now: new Date(Math.max(0, ...rows.map((row) => row.now))),
  }
}

/** A payment whose amount is text, and whose times are milliseconds since 1970. */
type PaymentRow = Omit<Payment, 'amount' | Time> & { readonly amount: string } & Readonly<
    Record<Time, number>
  >
type Time = 'createdAt' | 'updatedAt' | 'deadline'
type LockedRow = PaymentRow & { readonly now: number }

function toPayment(row: PaymentRow): Payment {
  return {
    ...row,
    amount: BigInt(row.amount),
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    deadline: new Date(row.deadline),
  }
}

/** Plain SQL instead of the entity: every answer runs this, and MikroORM's part would cost as much as the query. */
const selectPaymentsForUpdate = `
  SELECT payment_id AS "paymentId", user_id AS "userId", reservation_id AS "reservationId", amount::text,
         points, seats, refund, failure_reason AS "failureReason", sequence, attempt,
         (extract(epoch FROM created_at) * 1000)::float8 AS "createdAt",
         (extract(epoch FROM updated_at) * 1000)::float8 AS "updatedAt",
         (extract(epoch FROM deadline) * 1000)::float8 AS deadline,
         floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now
  FROM payment
  WHERE payment_id = ANY($1::uuid[])
  ORDER BY payment_id
  FOR UPDATE`
