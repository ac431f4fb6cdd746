import type { Fault } from '../fault.ts'
import { serviceProcessNames } from '../world.ts'
import { cutDown, revive } from './revive.ts'

/** SIGKILL of one replica; the other replica takes over its partitions. */
export const killService: Fault = {
  name: 'kill-service',
  targets: serviceProcessNames,
  lastsMs: [500, 15_000],
  ground: (target) => target,
  async inject(world, target) {
    await cutDown(world, target)
    return () => revive(world, target)
  },
}
