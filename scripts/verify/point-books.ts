import { type MessagingBooks, readMessagingBooks } from './messaging-books.ts'
import { readFaults, readSnapshot } from './snapshot.ts'

/** The sums of the ledger for one payment. */
export interface LedgerSums {
  readonly debit: bigint
  readonly refund: bigint
}

/** The point database at one moment. */
export interface PointBooks {
  readonly messaging: MessagingBooks
  readonly wallets: number
  readonly charges: bigint
  readonly balances: bigint
  /** The sums by payment id. */
  readonly ledger: ReadonlyMap<string, LedgerSums>
  readonly negative: readonly string[]
  readonly ledgerFaults: readonly string[]
  readonly requestFaults: readonly string[]
}

/** Reads everything from the point database that is judged. */
export async function readPointBooks(url: string): Promise<PointBooks> {
  return await readSnapshot('point', url, async (read) => {
    const [totals] = await read<{ wallets: number; charges: string; balances: string }>(sumUp)
    const ledger = await read<{ payment_id: string; debit: string; refund: string }>(sumByPayment)
    return {
      messaging: await readMessagingBooks(read, 'point'),
      wallets: totals?.wallets ?? 0,
      charges: BigInt(totals?.charges ?? 0),
      balances: BigInt(totals?.balances ?? 0),
      ledger: new Map(
        ledger.map((row) => [row.payment_id, { debit: BigInt(row.debit), refund: BigInt(row.refund) }]),
      ),
      negative: await readFaults(read, [findNegative]),
      ledgerFaults: await readFaults(read, [findWrongBalances, findBrokenLedgers, findUnrecordedDecisions]),
      requestFaults: await readFaults(read, [findChargesWithoutRequest, findRepeatedEntries]),
    }
  })
}

const signed = `CASE kind WHEN 'DEBIT' THEN -amount ELSE amount END`

const sumUp = `
  SELECT (SELECT count(*)::int FROM wallet) AS wallets,
    (SELECT coalesce(sum(balance), 0)::text FROM wallet) AS balances,
    (SELECT coalesce(sum(amount), 0)::text FROM ledger_entry WHERE kind = 'CHARGE') AS charges`

const sumByPayment = `
  SELECT payment_id, coalesce(sum(amount) FILTER (WHERE kind = 'DEBIT'), 0)::text AS debit,
    coalesce(sum(amount) FILTER (WHERE kind = 'REFUND'), 0)::text AS refund
  FROM ledger_entry WHERE payment_id IS NOT NULL GROUP BY payment_id`

const findNegative = `
  SELECT format('the wallet of %s has %s points', user_id, balance) AS fault FROM wallet WHERE balance < 0
  UNION ALL
  SELECT format('ledger row %s left %s with %s points', transaction_id, user_id, balance)
  FROM ledger_entry WHERE balance < 0`

const findWrongBalances = `
  SELECT format('the wallet of %s has %s points, its ledger says %s', user_id, balance, coalesce(total, 0)) AS fault
  FROM wallet LEFT JOIN (
    SELECT user_id, sum(${signed}) AS total FROM ledger_entry GROUP BY user_id
  ) AS ledger USING (user_id)
  WHERE balance <> coalesce(total, 0) ORDER BY user_id`

const findBrokenLedgers = `
  WITH entry AS (
    SELECT *, coalesce(lag(balance) OVER (PARTITION BY user_id ORDER BY position), 0) AS before FROM ledger_entry
  )
  SELECT format('ledger row %s of %s: %s %s after %s leaves %s', transaction_id, user_id, kind, amount, before,
    balance) AS fault
  FROM entry WHERE before + ${signed} <> balance ORDER BY position`

/** Compares the answers to payment with the ledger. */
const findUnrecordedDecisions = `
  WITH done AS (
    SELECT payment_id, min(user_id) AS user_id, coalesce(sum(amount) FILTER (WHERE kind = 'DEBIT'), 0) AS taken,
      coalesce(sum(amount) FILTER (WHERE kind = 'REFUND'), 0) AS refunded
    FROM ledger_entry WHERE payment_id IS NOT NULL GROUP BY payment_id
  )
  SELECT format('payment %s: decided to take %s and give back %s, the ledger took %s and gave back %s', payment_id,
    coalesce(CASE WHEN refusal IS NULL THEN amount END, 0), coalesce(debit.refunded, 0), coalesce(taken, 0),
    coalesce(done.refunded, 0)) AS fault
  FROM debit FULL JOIN done USING (payment_id)
  WHERE coalesce(CASE WHEN refusal IS NULL THEN amount END, 0) <> coalesce(taken, 0)
    OR coalesce(debit.refunded, 0) <> coalesce(done.refunded, 0)
    OR done.user_id <> debit.user_id
  ORDER BY payment_id`

const findChargesWithoutRequest = `
  WITH request AS (
    SELECT subject, resource_id FROM request WHERE method = 'ChargePoints'
  ), charge AS (
    SELECT user_id, transaction_id FROM ledger_entry WHERE kind = 'CHARGE'
  )
  SELECT format('charge %s of %s has %s', coalesce(transaction_id, resource_id), coalesce(user_id, subject),
    CASE WHEN transaction_id IS NULL THEN 'a request and no ledger row' ELSE 'a ledger row and no request' END) AS fault
  FROM request FULL JOIN charge ON transaction_id = resource_id AND user_id = subject
  WHERE transaction_id IS NULL OR resource_id IS NULL`

const findRepeatedEntries = `
  SELECT format('payment %s has %s rows %s', payment_id, count(*), kind) AS fault
  FROM ledger_entry WHERE payment_id IS NOT NULL GROUP BY payment_id, kind HAVING count(*) > 1`
