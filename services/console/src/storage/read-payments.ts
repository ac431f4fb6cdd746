import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { PaymentSummary } from '../contract/answers.ts'

/** Which payments: those that match every field that is set. */
export interface PaymentFilter {
  readonly status?: string | undefined
  readonly userId?: string | undefined
  /** The beginning of a payment's id. */
  readonly idPrefix?: string | undefined
  readonly faulty?: boolean | undefined
  /** Only older ones than this: `<created_at>/<payment_id>` of a list's last. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Payments, newest first. */
export async function listPayments(em: EntityManager, filter: PaymentFilter): Promise<PaymentSummary[]> {
  const [createdAt = null, paymentId = null] = filter.before?.split('/') ?? []
  const rows = await query<PaymentRow>(em, selectPayments, [
    filter.status ?? null,
    filter.userId ?? null,
    filter.idPrefix?.toLowerCase() ?? null,
    filter.faulty ?? false,
    createdAt,
    paymentId,
    filter.limit,
  ])
  return rows.map(toSummary)
}

/** Payments by their ids, in no particular order. */
export async function findPayments(
  em: EntityManager,
  paymentIds: readonly string[],
): Promise<PaymentSummary[]> {
  if (paymentIds.length === 0) return []
  return (await query<PaymentRow>(em, selectByIds, [paymentIds])).map(toSummary)
}

interface PaymentRow {
  readonly payment_id: string
  readonly user_id: string
  readonly reservation_id: string
  readonly amount: string
  readonly status: PaymentSummary['status']
  readonly failure_reason: string | null
  readonly refund: string
  readonly sequence: number
  readonly final: boolean
  readonly created: string
  readonly updated: string
  readonly judged: boolean
  readonly faults: readonly string[]
  readonly seats: readonly string[] | null
  readonly concert_id: string | null
}

function toSummary(row: PaymentRow): PaymentSummary {
  return {
    paymentId: row.payment_id,
    userId: row.user_id,
    reservationId: row.reservation_id,
    amount: row.amount,
    status: row.status,
    failureReason: row.failure_reason,
    refund: row.refund,
    sequence: row.sequence,
    final: row.final,
    createTime: row.created,
    updateTime: row.updated,
    faults: row.judged ? row.faults : null,
    seats: row.seats ?? [],
    concertId: row.concert_id,
  }
}

const iso = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const columns = `
  payment_id, payment.user_id, payment.reservation_id, amount::text, payment.status, failure_reason, refund, sequence, final,
  ${iso('payment.created_at')} AS created, ${iso('payment.updated_at')} AS updated, judged_at IS NOT NULL AS judged, faults,
  reservation.seats, reservation.concert_id`

const selectPayments = `
  SELECT ${columns}
  FROM payment LEFT JOIN reservation USING (reservation_id)
  WHERE payment.status IS NOT NULL
    AND ($1::text IS NULL OR payment.status = $1)
    AND ($2::text IS NULL OR payment.user_id = $2)
    AND ($3::text IS NULL OR payment_id::text LIKE $3 || '%')
    AND (NOT $4::boolean OR faults <> '{}')
    AND ($5::timestamptz IS NULL OR (payment.created_at, payment_id) < ($5::timestamptz, $6::uuid))
  ORDER BY payment.created_at DESC, payment_id DESC
  LIMIT $7`

const selectByIds = `
  SELECT ${columns}
  FROM payment LEFT JOIN reservation USING (reservation_id)
  WHERE payment.status IS NOT NULL AND payment_id = ANY($1::uuid[])`
