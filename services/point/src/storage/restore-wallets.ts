import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { RestoredEntry } from '../domain/restore-wallet.ts'
import type { Debit } from '../domain/wallet.ts'

/** Returns the charges that are in the ledger. */
export async function knownCharges(
  em: EntityManager,
  transactionIds: readonly string[],
): Promise<Set<string>> {
  const rows = await query<{ transaction_id: string }>(em, selectKnownCharges, [transactionIds])
  return new Set(rows.map((row) => row.transaction_id))
}

/** A ledger row that was missing, with its own id. */
export type IdentifiedEntry = RestoredEntry & { readonly id: string }

/**
 * Writes what was missing. Published debits overwrite other decisions. Ledger rows are added after the existing ones,
 * in their order, with their original times. Missing wallets are inserted.
 */
export async function saveRestored(
  em: EntityManager,
  debits: readonly Debit[],
  entries: readonly IdentifiedEntry[],
): Promise<void> {
  await query(em, overwriteDebits, [
    debits.map((debit) => debit.paymentId),
    debits.map((debit) => debit.userId),
    debits.map((debit) => debit.amount),
    debits.map((debit) => debit.refusal),
    debits.map((debit) => debit.refunded),
  ])
  const balances = new Map(entries.map(({ entry }) => [entry.userId, entry.balance]))
  await query(em, upsertBalances, [[...balances.keys()], [...balances.values()]])
  await query(em, insertLedgerEntries, [
    entries.map(({ id }) => id),
    entries.map(({ entry }) => entry.userId),
    entries.map(({ entry }) => entry.kind),
    entries.map(({ entry }) => entry.amount),
    entries.map(({ entry }) => entry.balance),
    entries.map(({ entry }) => entry.paymentId),
    entries.map(({ time }) => time.toISOString()),
  ])
}

const selectKnownCharges = `SELECT transaction_id FROM ledger_entry WHERE transaction_id = ANY($1::uuid[])`

/** The service's role may not change its decisions. A function of the owner does so during a restore. */
const overwriteDebits = `SELECT restore_debits($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])`

const upsertBalances = `
  INSERT INTO wallet (user_id, balance) SELECT * FROM unnest($1::text[], $2::bigint[])
  ON CONFLICT (user_id) DO UPDATE SET balance = excluded.balance`

const insertLedgerEntries = `
  INSERT INTO ledger_entry (transaction_id, user_id, kind, amount, balance, payment_id, created_at)
  SELECT transaction_id, user_id, kind, amount, balance, payment_id, created_at
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::uuid[], $7::timestamptz[])
    WITH ORDINALITY AS entry (transaction_id, user_id, kind, amount, balance, payment_id, created_at, nth)
  ORDER BY nth`
