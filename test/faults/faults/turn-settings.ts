import { hostileSettings } from '@boxoffice/common/testing/hostile-settings.ts'
import { serviceNames } from '../../../scripts/platform/databases.ts'
import { asAdmin } from '../../support/as-admin.ts'
import type { Fault } from '../fault.ts'
import type { World } from '../world.ts'

/** Changes every setting of a database that affects how values are written, read or locked, for the next sessions. */
export const turnSettings: Fault = {
  name: 'turn-settings',
  targets: serviceNames,
  lastsMs: [3_000, 15_000],
  ground: () => 'postgres',
  async inject(world, target) {
    await alterDatabase(
      world,
      target,
      Object.entries(hostileSettings).map(([name, value]) => `SET ${name} = '${value}'`),
    )
    return async () => {
      const resets = Object.keys(hostileSettings).map((name) => `RESET ${name}`)
      await alterDatabase(world, target, resets).catch(() => {
        // The settings may stay: each session sets what it relies on.
      })
    }
  },
}

/** Changes a database's default settings and ends its sessions, so that the next sessions have them. */
async function alterDatabase({ system }: World, database: string, changes: readonly string[]): Promise<void> {
  await asAdmin(system, async (admin) => {
    for (const change of changes) await admin.query(`ALTER DATABASE ${database} ${change}`)
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [database])
  })
}
