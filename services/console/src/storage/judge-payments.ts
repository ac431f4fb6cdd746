import type { Database } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { isoTime } from '@boxoffice/messaging/sql'
import { judgePayment } from '../domain/judge-payment.ts'
import type { CompleteSince } from './complete-since.ts'

const batchMax = 500

/**
 * Judges final payments that have changed since their last verdict and whose records up to `through` have all been
 * read. Payments from before the trail was complete are left out.
 *
 * @returns the number of judged payments; a full batch means that more are waiting
 */
export async function judgePayments(
  database: Database,
  through: Date,
  since: CompleteSince,
): Promise<number> {
  const rows = await query<UnjudgedRow>(database.em(), selectUnjudged, [
    through.toISOString(),
    batchMax,
    since?.toISOString() ?? '-infinity',
  ])
  if (rows.length === 0) return 0
  const verdicts = rows.map((row) => judgePayment(booksOf(row)))
  await query(database.em(), saveVerdicts, [
    rows.map((row) => row.payment_id),
    rows.map((row) => row.recorded),
    verdicts.map((faults) => JSON.stringify(faults)),
  ])
  return rows.length
}

interface UnjudgedRow {
  readonly payment_id: string
  readonly recorded: string
  readonly status: string
  readonly refund: string
  readonly sequence: number
  readonly amount: string
  readonly transitions: readonly { sequence: number; status: string }[]
  readonly debits: readonly string[]
  readonly refunds: readonly string[]
  readonly price: string | null
  readonly seats: number
  readonly rivals: number
}

function booksOf(row: UnjudgedRow) {
  return {
    ...row,
    amount: BigInt(row.amount),
    debits: row.debits.map(BigInt),
    refunds: row.refunds.map(BigInt),
    sale: row.price === null ? null : { price: BigInt(row.price), seats: row.seats },
  }
}

const selectUnjudged = `
  SELECT payment_id, ${isoTime('recorded_at')} AS recorded, status, refund, sequence, amount::text,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('sequence', t.sequence, 'status', t.status) ORDER BY t.sequence), '[]')
      FROM transition t WHERE t.payment_id = payment.payment_id) AS transitions,
    ARRAY(SELECT amount::text FROM ledger_entry l WHERE l.payment_id = payment.payment_id AND kind = 'DEBIT') AS debits,
    ARRAY(SELECT amount::text FROM ledger_entry l WHERE l.payment_id = payment.payment_id AND kind = 'REFUND') AS refunds,
    (SELECT max(price)::text FROM sale WHERE sale.payment_id = payment.payment_id) AS price,
    (SELECT count(*)::int FROM sale WHERE sale.payment_id = payment.payment_id) AS seats,
    (SELECT count(*)::int FROM sale JOIN sale AS other USING (concert_id, seat)
      WHERE sale.payment_id = payment.payment_id AND other.payment_id <> payment.payment_id) AS rivals
  FROM payment
  WHERE final AND judged_at IS NULL AND recorded_at <= $1 AND created_at > $3::timestamptz
  ORDER BY recorded_at
  LIMIT $2`

/** Does not store the verdict of a payment that has changed in the meantime: it is judged again. */
const saveVerdicts = `
  UPDATE payment SET judged_at = clock_timestamp(), faults = ARRAY(SELECT jsonb_array_elements_text(verdict.faults))
  FROM unnest($1::uuid[], $2::timestamptz[], $3::jsonb[]) AS verdict (payment_id, recorded_at, faults)
  WHERE payment.payment_id = verdict.payment_id AND payment.recorded_at = verdict.recorded_at`
