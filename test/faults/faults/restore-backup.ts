import { serviceNames } from '../../../scripts/platform/databases.ts'
import { outboxPublished, putBack, takeBackup } from '../../support/backup.ts'
import type { Fault } from '../fault.ts'
import { serviceOf } from '../world.ts'
import { restoreService } from './restore-service.ts'

/**
 * A service's database is a few seconds older than it was, as a backup that was put back; the service is restored by the
 * operator's command. All that it had committed was published, so nothing may be missing afterwards: `failover` is what
 * loses more.
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
      await committed.beginAnew(service)
      await restoreService(world, backup)
    }
  },
}
