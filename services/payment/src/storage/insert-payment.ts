import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Payment } from '../domain/payment.ts'

/** What a checkout asks for. */
export interface NewPayment {
  readonly paymentId: string
  readonly userId: string
  readonly reservationId: string
  readonly amount: bigint
}

/** How long a payment waits, in milliseconds. */
export interface Patience {
  /** For the answer about the points, before it fails. */
  readonly deadlineMs: number
  /** For any answer, before the question is put again; doubled each time. */
  readonly askAgainMs: number
  /** The most that the doubling leads to. */
  readonly askAgainMaxMs: number
}

/**
 * Inserts a PENDING payment with its first transition; undefined if the payment exists already.
 *
 * @throws a unique violation of `payment_one_unfailed` if another payment of the reservation has not failed
 */
export async function insertPayment(
  em: EntityManager,
  payment: NewPayment,
  patience: Patience,
): Promise<Payment | undefined> {
  const [row] = await query<{ created_ms: number; deadline_ms: number }>(em, insertPendingPayment, [
    payment.paymentId,
    payment.userId,
    payment.reservationId,
    payment.amount,
    patience.deadlineMs,
    patience.askAgainMs,
  ])
  if (row === undefined) return undefined
  return {
    ...payment,
    points: 'UNKNOWN',
    seats: 'UNKNOWN',
    refund: 'NONE',
    failureReason: null,
    sequence: 1,
    attempt: 0,
    createdAt: new Date(row.created_ms),
    updatedAt: new Date(row.created_ms),
    deadline: new Date(row.deadline_ms),
  }
}

const insertPendingPayment = `
  WITH accepted AS (
    INSERT INTO payment (payment_id, user_id, reservation_id, amount, points, seats, refund, status, sequence,
                         deadline, ask_again_at)
    VALUES ($1, $2, $3, $4, 'UNKNOWN', 'UNKNOWN', 'NONE', 'PENDING', 1,
            now() + $5 * interval '1 ms', now() + $6 * interval '1 ms')
    ON CONFLICT (payment_id) DO NOTHING
    RETURNING payment_id, created_at, deadline
  ), transition AS (
    INSERT INTO payment_transition (payment_id, sequence, status, refund, occurred_at)
    SELECT payment_id, 1, 'PENDING', 'NONE', created_at FROM accepted
  )
  SELECT (extract(epoch FROM created_at) * 1000)::float8 AS created_ms,
         (extract(epoch FROM deadline) * 1000)::float8 AS deadline_ms
  FROM accepted`
