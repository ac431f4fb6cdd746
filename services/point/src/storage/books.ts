import { query } from '@boxoffice/common/postgres/query.ts'
import { type EntityManager, LockMode } from '@mikro-orm/postgresql'
import type { Debit, Decision, LedgerEntry, Wallet } from '../domain/wallet.ts'
import { DebitEntity, WalletEntity } from './entities.ts'

/** The wallets and debits that a transaction works on, as they stand inside it, and the ledger rows it adds. */
export interface Books {
  readonly wallets: Map<string, Wallet>
  readonly debits: Map<string, Debit>
  readonly changedDebits: Set<string>
  readonly entries: { readonly transactionId: string; readonly entry: LedgerEntry }[]
}

/** Loads and locks the wallets, in the order of their ids, and loads the debits. */
export async function lockBooks(em: EntityManager, userIds: string[], paymentIds: string[]): Promise<Books> {
  const wallets = await em.find(
    WalletEntity,
    { userId: { $in: [...new Set(userIds)] } },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { userId: 'asc' }, disableIdentityMap: true },
  )
  const debits =
    paymentIds.length === 0
      ? []
      : await em.find(
          DebitEntity,
          { paymentId: { $in: [...new Set(paymentIds)] } },
          { disableIdentityMap: true },
        )
  return {
    wallets: new Map(wallets.map((wallet) => [wallet.userId, wallet])),
    debits: new Map(debits.map((debit) => [debit.paymentId, debit])),
    changedDebits: new Set(),
    entries: [],
  }
}

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

/** Writes what changed: one statement a table, whatever the number of rows. */
export async function saveBooks(em: EntityManager, books: Books): Promise<void> {
  const debits = [...books.changedDebits].map((paymentId) => books.debits.get(paymentId) as Debit)
  if (debits.length > 0) {
    await query(em, upsertDebits, [
      debits.map((debit) => debit.paymentId),
      debits.map((debit) => debit.userId),
      debits.map((debit) => debit.amount),
      debits.map((debit) => debit.refusal),
      debits.map((debit) => debit.refunded),
    ])
  }
  if (books.entries.length === 0) return
  const wallets = [...new Set(books.entries.map(({ entry }) => entry.userId))]
  await query(em, updateBalances, [wallets, wallets.map((userId) => books.wallets.get(userId)?.balance)])
  await query(em, insertLedgerEntries, [
    books.entries.map(({ transactionId }) => transactionId),
    books.entries.map(({ entry }) => entry.userId),
    books.entries.map(({ entry }) => entry.kind),
    books.entries.map(({ entry }) => entry.amount),
    books.entries.map(({ entry }) => entry.balance),
    books.entries.map(({ entry }) => entry.paymentId),
  ])
}

const upsertDebits = `
  INSERT INTO debit (payment_id, user_id, amount, refusal, refunded)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
  ON CONFLICT (payment_id) DO UPDATE SET refunded = excluded.refunded`

const updateBalances = `
  UPDATE wallet SET balance = changed.balance
  FROM unnest($1::text[], $2::bigint[]) AS changed (user_id, balance)
  WHERE wallet.user_id = changed.user_id`

const insertLedgerEntries = `
  INSERT INTO ledger_entry (transaction_id, user_id, kind, amount, balance, payment_id)
  SELECT transaction_id, user_id, kind, amount, balance, payment_id
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::uuid[])
    WITH ORDINALITY AS entry (transaction_id, user_id, kind, amount, balance, payment_id, nth)
  ORDER BY nth`
