import { memoryTransactions } from '@boxoffice/common/testing/memory-calls.ts'
import { copyPaymentTables, emptyPaymentTables, memoryPaymentStore } from './memory-payments.ts'
import { paymentStoreContract } from './payment-store-contract.ts'

paymentStoreContract('in memory', async () => {
  const memory = memoryTransactions(emptyPaymentTables(), copyPaymentTables)
  return {
    ...memory,
    store: memoryPaymentStore(() => new Date()),
    historyOf: async (paymentId) => memory.em().histories.get(paymentId) ?? [],
    close: async () => undefined,
  }
})
