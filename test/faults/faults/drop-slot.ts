import { serviceNames } from '../../../scripts/platform/databases.ts'
import { asAdmin } from '../../support/as-admin.ts'
import type { Fault } from '../fault.ts'

const attemptsMax = 20
/** The name ends in the database's oid. */
const isOfRelay = `database = $1 AND starts_with(slot_name, 'outbox_' || $1 || '_')`

/** The relay's replication slot is dropped; rows that it had not delivered are still in the outbox table. */
export const dropSlot: Fault = {
  name: 'drop-slot',
  targets: serviceNames,
  lastsMs: [0, 0],
  ground: () => 'postgres',
  async inject(world, target) {
    await asAdmin(world.system, async (admin) => {
      for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        // First end its reader. A relay may be back before the drop: then try again.
        await admin.query(
          `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
           WHERE ${isOfRelay} AND active_pid IS NOT NULL`,
          [target],
        )
        const dropped = await admin
          .query(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE ${isOfRelay}`, [
            target,
          ])
          .catch(() => undefined)
        if (dropped?.rowCount === 1) return
      }
      throw new Error(`the slot of ${target} was never free`)
    })
    return async () => {}
  },
}
