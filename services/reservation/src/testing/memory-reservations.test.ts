import { randomUUID } from 'node:crypto'
import { memoryTransactions } from '@boxoffice/common/testing/memory-calls.ts'
import { memoryReservationStore } from './memory-reservations.ts'
import { copyReservationTables, createHall, emptyReservationTables } from './memory-tables.ts'
import { reservationStoreContract } from './reservation-store-contract.ts'

reservationStoreContract('in memory', async () => {
  const memory = memoryTransactions(emptyReservationTables(), copyReservationTables)
  return {
    ...memory,
    store: memoryReservationStore(() => new Date()),
    async createConcert() {
      const concertId = randomUUID()
      createHall(memory.em(), { concertId, seats: ['A-1-1', 'A-1-2', 'A-1-3', 'A-1-4'], price: 100n })
      return concertId
    },
    close: async () => undefined,
  }
})
