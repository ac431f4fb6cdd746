import type { Fault } from '../fault.ts'
import { relayProcessNames } from '../world.ts'
import { cutDown, revive } from './revive.ts'

/** SIGKILL of a relay. If it was the active one, the relay on standby takes the slot. */
export const killRelay: Fault = {
  name: 'kill-relay',
  targets: relayProcessNames,
  lastsMs: [500, 6_000],
  ground: (target) => target,
  async inject(world, target) {
    await cutDown(world, target)
    return () => revive(world, target)
  },
}
