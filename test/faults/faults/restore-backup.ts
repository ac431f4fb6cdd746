import { serviceNames } from '../../../scripts/platform/databases.ts'
import { outboxPublished, putBack, takeBackup } from '../../support/backup.ts'
import type { Fault } from '../fault.ts'
import { serviceOf } from '../world.ts'
import { restoreService } from './restore-service.ts'

/**
 * A service's database is replaced by a backup that is a few seconds old; the service is restored by the operator's
 * command. Everything it had committed was published, so nothing may be missing afterwards. Unpublished commits are
 * lost only by the fault `failover`.
 */
export const restoreBackup: Fault = {
  name: 'restore-backup',
  targets: serviceNames,
  lastsMs: [1_000, 10_000],
  ground: () => 'postgres',
  alone: true,
  async inject(world, target) {
    const { system, committed } = world
    const service = serviceOf(target)
    await Promise.all([...system.processes.values()].map((process) => process.ready()))
    const backup = await takeBackup(system, service)
    return async () => {
      await putBack(system, backup, async () => {
        await outboxPublished(system, service)
        await committed.readToEnd()
      })
      await committed.followRestored(service)
      await restoreService(world, backup)
    }
  },
}
