import { query } from '../postgres/query.ts'
import { callStoreContract } from '../testing/call-store-contract.ts'
import { createTestDatabase } from '../testing/database.ts'
import { CreateMessagingTables } from '../testing/messaging-migration.ts'
import { callStore } from './call-store.ts'

callStoreContract('on PostgreSQL', async () => {
  const { database, drop } = await createTestDatabase({ entities: [], migrations: [CreateMessagingTables] })
  return {
    store: callStore,
    transaction: (work) => database.transaction(work),
    async outboxIds() {
      const rows = await query<{ message_id: string }>(
        database.em(),
        'SELECT message_id FROM outbox ORDER BY id',
      )
      return rows.map((row) => row.message_id)
    },
    close: () => drop(),
  }
})
