import { copyWalletTables, emptyWalletTables, memoryWalletStore } from './memory-wallets.ts'
import { walletStoreContract } from './wallet-store-contract.ts'

walletStoreContract('in memory', async () => {
  let tables = emptyWalletTables()
  return {
    store: memoryWalletStore,
    async transaction(work) {
      const draft = copyWalletTables(tables)
      const result = await work(draft)
      tables = draft
      return result
    },
    async insertWallet(userId) {
      tables.wallets.set(userId, { userId, balance: 0n })
    },
    ledgerOf: async (userId) =>
      tables.ledger
        .filter((entry) => entry.userId === userId)
        .map(({ kind, amount, balance }) => ({ kind, amount, balance })),
    close: async () => undefined,
  }
})
