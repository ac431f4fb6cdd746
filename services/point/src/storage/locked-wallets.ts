import { columns } from '@boxoffice/common/postgres/columns.ts'
import { query, write } from '@boxoffice/common/postgres/query.ts'
import { isoTime } from '@boxoffice/messaging/sql'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Debit, Decision, LedgerEntry, Wallet } from '../domain/wallet.ts'

/** The wallets that a transaction has locked, their debits, and the ledger rows that it adds. */
export interface LockedWallets {
  readonly wallets: Map<string, Wallet>
  readonly debits: Map<string, Debit>
  readonly changedDebits: Set<string>
  readonly entries: { readonly transactionId: string; readonly entry: LedgerEntry }[]
}

/** Loads and locks the wallets, in the order of their ids, and loads the debits. */
export async function lockWallets(
  em: EntityManager,
  userIds: readonly string[],
  paymentIds: readonly string[],
): Promise<LockedWallets> {
  const [row] = await query<LockedRow>(em, selectForUpdate, [[...new Set(userIds)], [...new Set(paymentIds)]])
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

/** The number of points is text. */
interface LockedRow {
  readonly wallets: readonly (Omit<Wallet, 'balance'> & { readonly balance: string })[] | null
  readonly debits:
    | readonly (Omit<Debit, 'amount' | 'refunded'> & {
        readonly amount: string
        readonly refunded: string | null
      })[]
    | null
}

/** One round trip is safe for both: a transaction that writes a debit has locked the payment's wallet first. */
const selectForUpdate = `
  WITH locked AS (
    SELECT user_id, balance FROM wallet WHERE user_id = ANY($1::text[]) ORDER BY user_id FOR UPDATE
  )
  SELECT (SELECT json_agg(json_build_object('userId', user_id, 'balance', balance::text)) FROM locked) AS wallets,
         (SELECT json_agg(json_build_object('paymentId', payment_id, 'userId', user_id, 'amount', amount::text,
                                            'refusal', refusal, 'refunded', refunded::text))
          FROM debit WHERE payment_id = ANY($2::uuid[])) AS debits`

/** A user's balance inside the transaction; 0 without a wallet. */
export function balanceOf({ wallets }: LockedWallets, userId: string): bigint {
  return wallets.get(userId)?.balance ?? 0n
}

/** Adds a decision, so that the next decision sees it. */
export function record(locked: LockedWallets, transactionId: string, decision: Decision): void {
  const { debit, entry } = decision
  recordDebit(locked, debit)
  if (entry !== undefined) recordEntry(locked, transactionId, entry)
}

/** Adds the decision for a payment. */
export function recordDebit(locked: LockedWallets, debit: Debit): void {
  if (locked.debits.get(debit.paymentId) === debit) return
  locked.debits.set(debit.paymentId, debit)
  locked.changedDebits.add(debit.paymentId)
}

/** Adds a ledger row, and sets the balance to that of the row. */
export function recordEntry(locked: LockedWallets, transactionId: string, entry: LedgerEntry): void {
  locked.entries.push({ transactionId, entry })
  locked.wallets.set(entry.userId, { userId: entry.userId, balance: entry.balance })
}

/** Writes all changes in one statement. */
export async function saveWallets(em: EntityManager, locked: LockedWallets): Promise<void> {
  const values = changesIn(locked)
  if (values !== undefined) await write(em, saveAll, values)
}

/**
 * Writes all changes in one statement.
 *
 * @returns the times that the database gave the new ledger rows, by their transaction ids
 */
export async function saveTimedWallets(em: EntityManager, locked: LockedWallets): Promise<Map<string, Date>> {
  const values = changesIn(locked)
  const rows = values === undefined ? [] : await query<TimeRow>(em, saveAllAndReturnTimes, values)
  return new Map(rows.map((row) => [row.transaction_id, new Date(row.created_at)]))
}

interface TimeRow {
  readonly transaction_id: string
  readonly created_at: string
}

/** The values of {@link saveAll}; undefined if nothing was recorded. */
function changesIn({ wallets, debits, changedDebits, entries }: LockedWallets): unknown[] | undefined {
  if (changedDebits.size === 0 && entries.length === 0) return undefined
  const changed = [...new Set(entries.map(({ entry }) => entry.userId))]
  return [
    ...debitColumns.values([...changedDebits].map((paymentId) => debits.get(paymentId) as Debit)),
    ...balanceColumns.values(changed.map((userId) => wallets.get(userId) as Wallet)),
    ...entryColumns.values(entries),
  ]
}

const debitColumns = columns<Debit>({
  payment_id: ['uuid', ({ paymentId }) => paymentId],
  user_id: ['text', ({ userId }) => userId],
  amount: ['bigint', ({ amount }) => amount],
  refusal: ['text', ({ refusal }) => refusal],
  refunded: ['bigint', ({ refunded }) => refunded],
})

const balanceColumns = columns<Wallet>({
  user_id: ['text', ({ userId }) => userId],
  balance: ['bigint', ({ balance }) => balance],
})

const entryColumns = columns<LockedWallets['entries'][number]>({
  transaction_id: ['uuid', ({ transactionId }) => transactionId],
  user_id: ['text', ({ entry }) => entry.userId],
  kind: ['text', ({ entry }) => entry.kind],
  amount: ['bigint', ({ entry }) => entry.amount],
  balance: ['bigint', ({ entry }) => entry.balance],
  payment_id: ['uuid', ({ entry }) => entry.paymentId],
})

const saveAll = `
  WITH decided AS (
    INSERT INTO debit (${debitColumns.names})
    SELECT * FROM ${debitColumns.unnest('decision')}
    ON CONFLICT (payment_id) DO UPDATE SET refunded = excluded.refunded
  ), paid AS (
    UPDATE wallet SET balance = changed.balance
    FROM ${balanceColumns.unnest('changed', debitColumns.count + 1)}
    WHERE wallet.user_id = changed.user_id
  )
  INSERT INTO ledger_entry (${entryColumns.names})
  SELECT ${entryColumns.names}
  FROM ${entryColumns.unnest('entry', debitColumns.count + balanceColumns.count + 1, 'nth')}
  ORDER BY nth`

const saveAllAndReturnTimes = `${saveAll}
  RETURNING transaction_id, ${isoTime('created_at')} AS created_at`
