import { copyCallTables, emptyCallTables } from '@boxoffice/common/testing/memory-calls.ts'
import { pointCommandSchemas, toPointCommand } from '../../services/point/src/contract/point-command.ts'
import { chargePoints } from '../../services/point/src/domain/wallet.ts'
import {
  copyWalletTables,
  emptyWalletTables,
  memoryWalletStore,
} from '../../services/point/src/testing/memory-wallets.ts'
import { movePointsIn } from '../../services/point/src/use-cases/move-points.ts'
import type { Guards } from './guards.ts'
import type { MessageLog } from './message-log.ts'
import { Service } from './service.ts'

/** Point as it is: its use cases on tables in memory. */
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
      tables: { ...emptyWalletTables(), ...emptyCallTables() },
      copyTables: (tables) => ({ ...copyWalletTables(tables), ...copyCallTables(tables) }),
      handle: async (tx, messages) => (await movePoints(tx, messages.map(toPointCommand))).outbox,
    },
    log,
  )
  return Object.assign(service, {
    charge: (userId: string, amount: bigint): Promise<void> =>
      service.transaction(async ({ wallets, ledger }) => {
        const entry = chargePoints(wallets.get(userId) ?? { userId, balance: 0n }, amount)
        if (entry === undefined) return
        ledger.push(entry)
        wallets.set(userId, { userId, balance: entry.balance })
      }),
  })
}
