import type { EntityManager } from '@mikro-orm/postgresql'
import { type LockedWallets, lockWallets, saveWallets } from './locked-wallets.ts'

/** Where wallets, debits and the ledger are stored, for use cases that also run in memory. `Tx` is a transaction of the store. */
export interface WalletStore<Tx> {
  /** Loads and locks the users' wallets until the transaction ends, and loads what was decided for payments. */
  lock(tx: Tx, userIds: readonly string[], paymentIds: readonly string[]): Promise<LockedWallets>
  /** Writes what was recorded: balances, decisions, and ledger rows in their order. */
  save(tx: Tx, locked: LockedWallets): Promise<void>
}

/** The tables of the point service. */
export const walletStore: WalletStore<EntityManager> = {
  lock: lockWallets,
  async save(em, locked) {
    await saveWallets(em, locked)
  },
}
