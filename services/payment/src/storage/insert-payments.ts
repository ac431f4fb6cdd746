import { columns } from '@boxoffice/common/postgres/columns.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { acceptPayment, type CheckoutRefusal, type Order, type Payment } from '../domain/payment.ts'
import type { PaymentDecider } from '../domain/payment-decider.ts'

/** What a checkout asks for, with the trace of its call. */
export interface NewPayment extends Order {
  /** W3C trace context of the call. */
  readonly traceparent: string
}

/** The results, by payment id. */
export interface Inserted {
  readonly accepted: ReadonlyMap<string, Payment>
  /** Payments that reservation would refuse, by what is known of it. */
  readonly refused: ReadonlyMap<string, CheckoutRefusal>
}

/**
 * Inserts PENDING payments, each with its first transition, except those that reservation would refuse. Neither result
 * contains a payment that exists already, or one whose user has another unfailed payment for the same reservation.
 *
 * Rows are inserted in the order of reservation and user, so that two of these statements cannot deadlock.
 */
export async function insertPayments(
  em: EntityManager,
  payments: readonly NewPayment[],
  { giveUpInMs, askAgainInMs }: PaymentDecider['atAcceptance'],
): Promise<Inserted> {
  const rows = await query<Row>(em, insertPendingPayments, [
    giveUpInMs,
    askAgainInMs,
    ...wantedColumns.values(payments),
  ])
  const wanted = new Map(payments.map((payment) => [payment.paymentId, payment]))
  const accepted = new Map<string, Payment>()
  const refused = new Map<string, CheckoutRefusal>()
  for (const row of rows) {
    const payment = wanted.get(row.payment_id)
    if (payment === undefined) continue
    if (row.refusal === null) {
      const [createdAt, deadline] = [new Date(row.created_ms), new Date(row.deadline_ms)]
      accepted.set(row.payment_id, acceptPayment(payment, createdAt, deadline))
    } else refused.set(row.payment_id, { reason: row.refusal, totalPrice: BigInt(row.total_price) })
  }
  return { accepted, refused }
}

const wantedColumns = columns<NewPayment>({
  payment_id: ['uuid', ({ paymentId }) => paymentId],
  user_id: ['text', ({ userId }) => userId],
  reservation_id: ['uuid', ({ reservationId }) => reservationId],
  amount: ['bigint', ({ amount }) => amount],
  traceparent: ['text', ({ traceparent }) => traceparent],
})

type Row = { readonly payment_id: string } & (
  | { readonly refusal: null; readonly created_ms: number; readonly deadline_ms: number }
  | { readonly refusal: CheckoutRefusal['reason']; readonly total_price: string }
)

/**
 * The known state of a reservation refuses three kinds of checkout: a stranger, who learns no more than that, another
 * amount, and a hold that is over by this database's clock. The saga decides about all others, known or not.
 *
 * DO NOTHING names no constraint, because it is for two: the payment's id, and one unfailed payment for each
 * reservation and user. The deadline has milliseconds, as in its event, so that a restore brings back the same value.
 */
const insertPendingPayments = `
  WITH wanted AS MATERIALIZED (
    SELECT wanted.*, known.total_price,
      CASE
        WHEN known.user_id <> wanted.user_id THEN 'RESERVATION_NOT_FOUND'
        WHEN known.state = 'SOLD' THEN 'RESERVATION_IN_PAYMENT'
        WHEN known.state = 'RELEASED' OR known.held_until <= clock_timestamp() THEN 'HOLD_EXPIRED'
        WHEN known.total_price <> wanted.amount THEN 'AMOUNT_MISMATCH'
      END AS refusal
    FROM ${wantedColumns.unnest('wanted', 3)}
      LEFT JOIN known_reservation AS known USING (reservation_id)
  ), accepted AS (
    INSERT INTO payment (payment_id, user_id, reservation_id, amount, points, seats, refund, status, sequence,
                         deadline, ask_again_at, traceparent)
    SELECT payment_id, user_id, reservation_id, amount, 'UNKNOWN', 'UNKNOWN', 'NONE', 'PENDING', 1,
           date_trunc('milliseconds', now()) + $1 * interval '1 ms', now() + $2 * interval '1 ms', traceparent
    FROM wanted
    WHERE refusal IS NULL
    ORDER BY reservation_id, user_id, payment_id
    ON CONFLICT DO NOTHING
    RETURNING payment_id, created_at, deadline
  ), transition AS (
    INSERT INTO payment_transition (payment_id, sequence, status, refund, occurred_at)
    SELECT payment_id, 1, 'PENDING', 'NONE', created_at FROM accepted
  )
  SELECT payment_id, NULL AS refusal, NULL AS total_price,
         (extract(epoch FROM created_at) * 1000)::float8 AS created_ms,
         (extract(epoch FROM deadline) * 1000)::float8 AS deadline_ms
  FROM accepted
  UNION ALL
  SELECT payment_id, refusal, total_price::text, NULL, NULL FROM wanted WHERE refusal IS NOT NULL`
