import {
  type CallTables,
  copyCallTables,
  emptyCallTables,
  memoryCallStore,
} from '@boxoffice/common/testing/memory-calls.ts'
import type { Debit, LedgerEntry, Wallet } from '../domain/wallet.ts'
import type { WalletStore } from '../storage/wallet-store.ts'

/** A row of the ledger. */
export interface LedgerRow extends LedgerEntry {
  readonly transactionId: string
  readonly createdAt: Date
}

/** The point service's tables in memory. */
export interface WalletTables extends CallTables {
  readonly wallets: Map<string, Wallet>
  readonly debits: Map<string, Debit>
  readonly ledger: LedgerRow[]
}

/** The store on tables in memory. A transaction works on a copy. The store enforces the tables' constraints. */
export const memoryWalletStore: WalletStore<WalletTables> = {
  ...memoryCallStore,
  async insert({ wallets }, userIds) {
    for (const userId of userIds) if (!wallets.has(userId)) wallets.set(userId, { userId, balance: 0n })
  },
  async lock({ wallets, debits }, userIds, paymentIds) {
    return {
      wallets: chosen(wallets, userIds),
      debits: chosen(debits, paymentIds),
      changedDebits: new Set(),
      entries: [],
    }
  },
  async save(tables, locked) {
    await memoryWalletStore.saveTimed(tables, locked)
  },
  async saveTimed({ wallets, debits, ledger }, locked) {
    for (const paymentId of locked.changedDebits) {
      const debit = locked.debits.get(paymentId) as Debit
      const known = debits.get(paymentId)
      debits.set(paymentId, known === undefined ? debit : { ...known, refunded: debit.refunded })
    }
    const createdAt = new Date()
    for (const { transactionId, entry } of locked.entries) {
      const { userId, kind, paymentId, balance } = entry
      const isTwice = ledger.some((row) => row.kind === kind && row.paymentId === paymentId)
      if (paymentId !== null && isTwice) throw new Error(`${kind} of ${paymentId} is in the ledger`)
      if (balance < 0n) throw new Error(`the balance of ${userId} is ${balance}`)
      ledger.push({ ...entry, transactionId, createdAt })
      wallets.set(userId, { userId, balance })
    }
    return new Map(locked.entries.map(({ transactionId }) => [transactionId, createdAt]))
  },
  async findEntries({ ledger }, transactionIds) {
    const rows = ledger.filter(({ transactionId }) => transactionIds.includes(transactionId))
    return new Map(rows.map((row) => [row.transactionId, row]))
  },
}

export function emptyWalletTables(): WalletTables {
  return { ...emptyCallTables(), wallets: new Map(), debits: new Map(), ledger: [] }
}

export function copyWalletTables(tables: WalletTables): WalletTables {
  const { wallets, debits, ledger } = tables
  return {
    ...copyCallTables(tables),
    wallets: new Map(wallets),
    debits: new Map(debits),
    ledger: [...ledger],
  }
}

function chosen<Row>(rows: ReadonlyMap<string, Row>, ids: readonly string[]): Map<string, Row> {
  return new Map(
    ids.flatMap((id) => {
      const row = rows.get(id)
      return row === undefined ? [] : [[id, row] as const]
    }),
  )
}
