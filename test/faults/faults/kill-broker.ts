import type { Fault } from '../fault.ts'
import { brokerNames } from '../world.ts'
import { cutDown, reviveBrokers } from './revive.ts'

/** SIGKILL of one broker of three, which is a controller as well: leaders move, and no acknowledged record is lost. */
export const killBroker: Fault = {
  name: 'kill-broker',
  targets: brokerNames,
  lastsMs: [1_000, 10_000],
  ground: () => 'kafka',
  async inject(world, target) {
    await cutDown(world, target)
    return () => reviveBrokers(world, [target])
  },
}
