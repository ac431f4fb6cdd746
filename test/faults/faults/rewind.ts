import { serviceNames } from '../../../scripts/platform/databases.ts'
import { asAdmin } from '../../support/as-admin.ts'
import type { Fault } from '../fault.ts'

/**
 * A consumer's positions are set back, as by a replay or a restored backup: it reads records that it has handled
 * before.
 */
export const rewind: Fault = {
  name: 'rewind',
  targets: serviceNames,
  lastsMs: [0, 0],
  ground: (target) => `positions of ${target}`,
  async inject(world, target, random) {
    const records = random.between(1, 200)
    await asAdmin(
      world.system,
      (admin) =>
        admin.query(
          'UPDATE consumer_position SET next_offset = greatest(0, next_offset - $2) WHERE consumer = $1',
          [target, records],
        ),
      target,
    )
    return async () => {}
  },
}
