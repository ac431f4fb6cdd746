import { type CallStore, callStore } from '@boxoffice/common/grpc/call-store.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { ShownLedgerRow } from './entities.ts'
import { findLedgerEntries } from './find-ledger-entries.ts'
import { insertWallets } from './insert-wallets.ts'
import { type LockedWallets, lockWallets, saveTimedWallets, saveWallets } from './locked-wallets.ts'

/** The store of wallets, debits and the ledger, for use cases that also run in memory. `Tx` is a transaction of it. */
export interface WalletStore<Tx> extends CallStore<Tx> {
  /** Inserts the wallets that are missing, without points. */
  insert(tx: Tx, userIds: readonly string[]): Promise<void>
  /** Loads and locks the users' wallets until the transaction ends, and loads the decisions for payments. */
  lock(tx: Tx, userIds: readonly string[], paymentIds: readonly string[]): Promise<LockedWallets>
  /** Writes what was recorded: balances, decisions, and ledger rows in their order. */
  save(tx: Tx, locked: LockedWallets): Promise<void>
  /** Writes it as `save` does, and returns the times of the new ledger rows, by their transaction ids. */
  saveTimed(tx: Tx, locked: LockedWallets): Promise<ReadonlyMap<string, Date>>
  /** Ledger rows by their transaction ids. */
  findEntries(tx: Tx, transactionIds: readonly string[]): Promise<ReadonlyMap<string, ShownLedgerRow>>
}

/** The store in the point service's tables. */
export const walletStore: WalletStore<EntityManager> = {
  ...callStore,
  insert: insertWallets,
  lock: lockWallets,
  save: saveWallets,
  saveTimed: saveTimedWallets,
  findEntries: findLedgerEntries,
}
