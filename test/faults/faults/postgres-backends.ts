import { serviceNames } from '../../../scripts/platform/databases.ts'
import { asAdmin } from '../../support/as-admin.ts'
import type { Fault } from '../fault.ts'

/** Every session of one service and its relays is terminated, whatever it is doing. */
export const postgresBackends: Fault = {
  name: 'postgres-backends',
  targets: serviceNames,
  lastsMs: [0, 0],
  ground: () => 'postgres',
  async inject(world, target) {
    await asAdmin(world.system, (admin) =>
      admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [target]),
    )
    return async () => {}
  },
}
