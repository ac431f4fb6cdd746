import { randomUUID } from 'node:crypto'
import { createTestDatabase } from '@boxoffice/common/testing/database.ts'
import { reservationStoreContract } from '../testing/reservation-store-contract.ts'
import { entities } from './entities.ts'
import { insertConcert } from './insert-concert.ts'
import { migrations } from './migrations.ts'
import { reservationStore } from './reservation-store.ts'

reservationStoreContract('on PostgreSQL', async () => {
  const { database, drop } = await createTestDatabase({ entities, migrations })
  return {
    store: reservationStore,
    transaction: (work) => database.transaction(work),
    async createConcert() {
      const concert = {
        concertId: randomUUID(),
        title: 'a concert',
        startTime: new Date(),
        sections: [{ name: 'A', rows: 1, seatsPerRow: 4, price: 100 }],
        seatsTotal: 4,
        seatsPerUserMax: 4,
      }
      return (await database.transaction((em) => insertConcert(em, concert))).concertId
    },
    close: () => drop(),
  }
})
