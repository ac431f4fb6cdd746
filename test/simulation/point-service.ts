import { pointCommandSchemas, toPointCommand } from '../../services/point/src/contract/point-command.ts'
import {
  copyWalletTables,
  emptyWalletTables,
  memoryWalletStore,
} from '../../services/point/src/testing/memory-wallets.ts'
import { acceptChargesIn } from '../../services/point/src/use-cases/charge-points.ts'
import { movePointsIn } from '../../services/point/src/use-cases/move-points.ts'
import type { Guards } from './guards.ts'
import type { MessageLog } from './message-log.ts'
import { Service } from './service.ts'

/** The point service: its real use cases on tables in memory. */
export function createPointService(log: MessageLog, guards: Pick<Guards, 'inbox' | 'debits'>) {
  const movePoints = movePointsIn({
    ...memoryWalletStore,
    lock: (tables, userIds, paymentIds) =>
      memoryWalletStore.lock(tables, userIds, guards.debits ? paymentIds : []),
  })
  const service = new Service(
    {
      topics: ['point-commands'],
      schemas: pointCommandSchemas,
      hasInbox: guards.inbox,
      tables: emptyWalletTables(),
      copyTables: copyWalletTables,
      handle: async (tx, messages) => (await movePoints(tx, messages.map(toPointCommand))).outbox,
    },
    log,
  )
  const acceptCharges = acceptChargesIn(memoryWalletStore)
  let requests = 0
  return Object.assign(service, {
    async charge(userId: string, amount: bigint): Promise<void> {
      const requestId = `charge-${++requests}`
      const call = { transactionId: requestId, userId, requestId, amount, traceparent: '' }
      await acceptCharges(service, [{ ...call, fingerprint: Buffer.from(requestId) }])
    },
  })
}
