import type { TimeAndId } from '@boxoffice/common/grpc/cursor.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { PaymentSummary } from '../contract/answers.ts'

/** Selects the payments that match every field that is set. */
export interface PaymentFilter {
  readonly status?: string | undefined
  readonly userId?: string | undefined
  /** The beginning of a payment's id: hexadecimal digits, with dashes or without. */
  readonly idPrefix?: string | undefined
  readonly faulty?: boolean | undefined
  /** Only payments older than the one of this time and id. */
  readonly before?: TimeAndId | undefined
  readonly limit: number
}

/** Payments, newest first. */
export async function listPayments(em: EntityManager, filter: PaymentFilter): Promise<PaymentSummary[]> {
  const { sql, parameters } = paymentsQuery(filter)
  return (await query<PaymentRow>(em, sql, parameters)).map(toSummary)
}

/**
 * The statement that lists payments. A filter by the beginning of an id has a statement of its own, which is planned
 * separately.
 */
export function paymentsQuery(filter: PaymentFilter): { sql: string; parameters: unknown[] } {
  const { before } = filter
  const range = filter.idPrefix === undefined ? undefined : idRange(filter.idPrefix)
  return {
    sql: range === undefined ? selectPayments() : selectPayments('AND payment_id BETWEEN $7 AND $8'),
    parameters: [
      ...[filter.status ?? null, filter.userId ?? null, filter.faulty ?? false],
      ...[before?.time.toISOString() ?? null, before?.id ?? null, filter.limit, ...(range ?? [])],
    ],
  }
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

const selectPayments = (andInRange = '') => `
  SELECT ${columns}
  FROM payment LEFT JOIN reservation USING (reservation_id)
  WHERE payment.status IS NOT NULL
    AND ($1::text IS NULL OR payment.status = $1)
    AND ($2::text IS NULL OR payment.user_id = $2)
    AND (NOT $3::boolean OR faults <> '{}')
    AND ($4::timestamptz IS NULL OR (payment.created_at, payment_id) < ($4::timestamptz, $5::uuid))
    ${andInRange}
  ORDER BY payment.created_at DESC, payment_id DESC
  LIMIT $6`

/**
 * The least and the greatest id with this beginning: the primary key serves a range, and no index serves LIKE on text.
 */
function idRange(prefix: string): [string, string] {
  const digits = prefix.replaceAll('-', '')
  return [digits.padEnd(32, '0'), digits.padEnd(32, 'f')]
}

const selectByIds = `
  SELECT ${columns}
  FROM payment LEFT JOIN reservation USING (reservation_id)
  WHERE payment.status IS NOT NULL AND payment_id = ANY($1::uuid[])`
