import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { CompleteSince } from './complete-since.ts'

/** Sums over the whole trail; their cost grows with its length. */
export interface TrailBooks {
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly judgedCompleted: number
  readonly judgedFailed: number
  /** Payments that are not final, or whose records have not all been read yet. */
  readonly waiting: number
  /** Payments from before the trail was complete: they are not judged. */
  readonly before: number
  /** Some of the payments that break each invariant. */
  readonly faults: readonly { readonly fault: string; readonly payments: readonly string[] }[]
  readonly charged: bigint
  readonly inWallets: bigint
  readonly spent: bigint
  readonly wallets: number
  /** Wallets whose entries do not form a chain of balances that begins at 0. */
  readonly brokenWallets: readonly string[]
}

/**
 * @param since - since when the trail is complete; wallets are judged only if it is complete from the beginning
 * @param through - wallets with an entry that was read after this time are not judged yet
 */
export async function readTrailBooks(
  em: EntityManager,
  since: CompleteSince,
  through: Date | undefined,
): Promise<TrailBooks> {
  const [row] = await query<BooksRow>(em, selectBooks, [since?.toISOString() ?? '-infinity'])
  if (row === undefined) throw new Error('a query of sums has one row')
  const faults = await query<{ fault: string; payments: string[] }>(em, selectFaults)
  const broken = await query<{ user_id: string }>(em, selectBrokenWallets, [
    (since === null ? through : undefined)?.toISOString() ?? '-infinity',
  ])
  return {
    total: row.total,
    completed: row.completed,
    failed: row.failed,
    judgedCompleted: row.judged_completed,
    judgedFailed: row.judged_failed,
    waiting: row.waiting,
    before: row.before,
    faults,
    charged: BigInt(row.charged),
    inWallets: BigInt(row.in_wallets),
    spent: BigInt(row.spent),
    wallets: row.wallets,
    brokenWallets: broken.map(({ user_id }) => user_id),
  }
}

interface BooksRow {
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly judged_completed: number
  readonly judged_failed: number
  readonly waiting: number
  readonly before: number
  readonly charged: string
  readonly in_wallets: string
  readonly spent: string
  readonly wallets: number
}

const selectBooks = `
  SELECT payments.*, ledger.*
  FROM (
    SELECT count(*)::int AS total,
      count(*) FILTER (WHERE status = 'COMPLETED')::int AS completed,
      count(*) FILTER (WHERE status = 'FAILED')::int AS failed,
      count(*) FILTER (WHERE status = 'COMPLETED' AND judged_at IS NOT NULL)::int AS judged_completed,
      count(*) FILTER (WHERE status = 'FAILED' AND judged_at IS NOT NULL)::int AS judged_failed,
      count(*) FILTER (WHERE judged_at IS NULL AND created_at > $1::timestamptz)::int AS waiting,
      count(*) FILTER (WHERE judged_at IS NULL AND created_at <= $1::timestamptz)::int AS before,
      coalesce(sum(amount) FILTER (WHERE status = 'COMPLETED'), 0)::text AS spent
    FROM payment WHERE status IS NOT NULL) AS payments, (
    SELECT coalesce(sum(amount) FILTER (WHERE kind = 'CHARGE'), 0)::text AS charged,
      coalesce(sum(CASE kind WHEN 'DEBIT' THEN -amount ELSE amount END), 0)::text AS in_wallets,
      count(DISTINCT user_id)::int AS wallets
    FROM ledger_entry) AS ledger`

const selectFaults = `
  SELECT fault, (array_agg(payment_id::text))[:5] AS payments
  FROM payment, unnest(faults) AS fault
  WHERE faults <> '{}'
  GROUP BY fault`

/**
 * Each entry leads from one balance to another. In whatever order they arrived, they form a chain from 0 to the sum
 * exactly if every balance is left as often as it is reached.
 */
const selectBrokenWallets = `
  WITH settled AS (
    SELECT user_id, sum(CASE kind WHEN 'DEBIT' THEN -amount ELSE amount END) AS total
    FROM ledger_entry GROUP BY user_id HAVING max(recorded_at) <= $1),
  entry AS (
    SELECT user_id, balance, CASE kind WHEN 'DEBIT' THEN -amount ELSE amount END AS change
    FROM ledger_entry JOIN settled USING (user_id)),
  step AS (
    SELECT user_id, balance::numeric AS value, 1 AS reached FROM entry
    UNION ALL SELECT user_id, (balance - change)::numeric, -1 FROM entry
    UNION ALL SELECT user_id, 0, 1 FROM settled
    UNION ALL SELECT user_id, total, -1 FROM settled)
  SELECT DISTINCT user_id FROM (
    SELECT user_id FROM step GROUP BY user_id, value HAVING sum(reached) <> 0) AS broken
  LIMIT 5`
