import { createTestDatabase } from '@boxoffice/common/testing/database.ts'
import { walletStoreContract } from '../testing/wallet-store-contract.ts'
import { entities } from './entities.ts'
import { listLedgerEntries } from './find-ledger-entries.ts'
import { insertWallets } from './insert-wallets.ts'
import { CreateWallets } from './migrations/0001-create-wallets.ts'
import { walletStore } from './wallet-store.ts'

walletStoreContract('on PostgreSQL', async () => {
  const { database, drop } = await createTestDatabase({ entities, migrations: [CreateWallets] })
  return {
    store: walletStore,
    transaction: (work) => database.transaction(work),
    insertWallet: (userId) => database.transaction((em) => insertWallets(em, [userId])),
    async ledgerOf(userId) {
      const rows = await listLedgerEntries(database.em(), { userId, before: undefined, limit: 100 })
      return rows.toReversed().map(({ kind, amount, balance }) => ({ kind, amount, balance }))
    },
    close: () => drop(),
  }
})
