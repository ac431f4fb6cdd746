import { serviceNames } from '../../../scripts/platform/databases.ts'
import { asAdmin } from '../../support/as-admin.ts'
import type { Fault } from '../fault.ts'

const attemptsMax = 20

/** The relay's replication slot is gone; what it had not delivered stands in the table. */
export const dropSlot: Fault = {
  name: 'drop-slot',
  targets: serviceNames,
  lastsMs: [0, 0],
  ground: () => 'postgres',
  async inject(world, target) {
    await asAdmin(world.system, async (admin) => {
      for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        // Its reader first. A relay may be back before the drop: then once more.
        await admin.query(
          `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
           WHERE slot_name = $1 AND active_pid IS NOT NULL`,
          [`outbox_${target}`],
        )
        const dropped = await admin
          .query('SELECT pg_drop_replication_slot($1)', [`outbox_${target}`])
          .catch(() => undefined)
        if (dropped !== undefined) return
      }
      throw new Error(`the slot of ${target} was never free`)
    })
    return async () => {}
  },
}
