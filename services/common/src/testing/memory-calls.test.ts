import { callStoreContract } from './call-store-contract.ts'
import { copyCallTables, emptyCallTables, memoryCallStore, memoryTransactions } from './memory-calls.ts'

callStoreContract('in memory', async () => {
  const memory = memoryTransactions(emptyCallTables(), copyCallTables)
  return {
    ...memory,
    store: memoryCallStore,
    outboxIds: async () => memory.em().outbox.map(({ id }) => id),
    close: async () => undefined,
  }
})
