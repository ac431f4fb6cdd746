import { createTestDatabase } from '@boxoffice/common/testing/database.ts'
import { paymentStoreContract } from '../testing/payment-store-contract.ts'
import { entities } from './entities.ts'
import { migrations } from './migrations.ts'
import { paymentStore } from './payment-store.ts'
import { readPayments } from './read-payments.ts'

paymentStoreContract('on PostgreSQL', async () => {
  const { database, drop } = await createTestDatabase({ entities, migrations })
  return {
    store: paymentStore,
    transaction: (work) => database.transaction(work),
    async historyOf(paymentId) {
      const [found] = await readPayments(database.em(), [paymentId])
      return found?.transitions.map(({ status }) => status) ?? []
    },
    close: () => drop(),
  }
})
