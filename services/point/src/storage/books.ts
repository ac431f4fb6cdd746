import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Debit, Decision, LedgerEntry, Wallet } from '../domain/wallet.ts'

/** The wallets and debits that a transaction works on, as they stand inside it, and the ledger rows it adds. */
export interface Books {
  readonly wallets: Map<string, Wallet>
  readonly debits: Map<string, Debit>
  readonly changedDebits: Set<string>
  readonly entries: { readonly transactionId: string; readonly entry: LedgerEntry }[]
}

/** Loads and locks the wallets, in the order of their ids, and loads the debits. */
export async function lockBooks(
  em: EntityManager,
  userIds: readonly string[],
  paymentIds: readonly string[],
): Promise<Books> {
  const [row] = await query<BooksRow>(em, selectBooks, [[...new Set(userIds)], [...new Set(paymentIds)]])
  const wallets = (row?.wallets ?? []).map((wallet) => ({ ...wallet, balance: BigInt(wallet.balance) }))
  const debits = (row?.debits ?? []).map((debit) => ({
    ...debit,
    amount: BigInt(debit.amount),
    refunded: debit.refunded === null ? null : BigInt(debit.refunded),
  }))
  return {
    wallets: new Map(wallets.map((wallet) => [wallet.userId, wallet])),
    debits: new Map(debits.map((debit) => [debit.paymentId, debit])),
    changedDebits: new Set(),
    entries: [],
  }
}

/** Points come as text. */
interface BooksRow {
  readonly wallets: readonly (Omit<Wallet, 'balance'> & { readonly balance: string })[] | null
  readonly debits:
    | readonly (Omit<Debit, 'amount' | 'refunded'> & {
        readonly amount: string
        readonly refunded: string | null
      })[]
    | null
}

/** One round trip for both: whoever writes a payment's debit stands in the same line as this transaction does. */
const selectBooks = `
  WITH locked AS (
    SELECT user_id, balance FROM wallet WHERE user_id = ANY($1::text[]) ORDER BY user_id FOR UPDATE
  )
  SELECT (SELECT json_agg(json_build_object('userId', user_id, 'balance', balance::text)) FROM locked) AS wallets,
         (SELECT json_agg(json_build_object('paymentId', payment_id, 'userId', user_id, 'amount', amount::text,
                                            'refusal', refusal, 'refunded', refunded::text))
          FROM debit WHERE payment_id = ANY($2::uuid[])) AS debits`

/** Takes a decision into the books, so that the next one sees it. */
export function record(books: Books, transactionId: string, decision: Decision): void {
  const { debit, entry } = decision
  recordDebit(books, debit)
  if (entry !== undefined) recordEntry(books, transactionId, entry)
}

/** Takes what was decided for a payment into the books. */
export function recordDebit(books: Books, debit: Debit): void {
  if (books.debits.get(debit.paymentId) === debit) return
  books.debits.set(debit.paymentId, debit)
  books.changedDebits.add(debit.paymentId)
}

/** Takes a ledger row into the books, and the balance that it leads to. */
export function recordEntry(books: Books, transactionId: string, entry: LedgerEntry): void {
  books.entries.push({ transactionId, entry })
  books.wallets.set(entry.userId, { userId: entry.userId, balance: entry.balance })
}

/** Writes what changed, in one statement. */
export async function saveBooks(em: EntityManager, books: Books): Promise<void> {
  const { entries } = books
  const debits = [...books.changedDebits].map((paymentId) => books.debits.get(paymentId) as Debit)
  if (debits.length === 0 && entries.length === 0) return
  const changed = [...new Set(entries.map(({ entry }) => entry.userId))]
  await query(em, saveAll, [
    debits.map((debit) => debit.paymentId),
    debits.map((debit) => debit.userId),
    debits.map((debit) => debit.amount),
    debits.map((debit) => debit.refusal),
    debits.map((debit) => debit.refunded),
    changed,
    changed.map((userId) => books.wallets.get(userId)?.balance),
    entries.map(({ transactionId }) => transactionId),
    entries.map(({ entry }) => entry.userId),
    entries.map(({ entry }) => entry.kind),
    entries.map(({ entry }) => entry.amount),
    entries.map(({ entry }) => entry.balance),
    entries.map(({ entry }) => entry.paymentId),
  ])
}

const saveAll = `
  WITH decided AS (
    INSERT INTO debit (payment_id, user_id, amount, refusal, refunded)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
    ON CONFLICT (payment_id) DO UPDATE SET refunded = excluded.refunded
  ), paid AS (
    UPDATE wallet SET balance = changed.balance
    FROM unnest($6::text[], $7::bigint[]) AS changed (user_id, balance)
    WHERE wallet.user_id = changed.user_id
  )
  INSERT INTO ledger_entry (transaction_id, user_id, kind, amount, balance, payment_id)
  SELECT transaction_id, user_id, kind, amount, balance, payment_id
  FROM unnest($8::uuid[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::uuid[])
    WITH ORDINALITY AS entry (transaction_id, user_id, kind, amount, balance, payment_id, nth)
  ORDER BY nth`
