import { crashPoints } from '@boxoffice/common/lifecycle/crash-point.ts'
import { replicaName } from '../../../scripts/platform/service-process.ts'
import type { Fault } from '../fault.ts'
import { relayProcessNames, serviceOf, serviceProcessNames } from '../world.ts'
import { revive } from './revive.ts'

/** What only a relay does. */
const relayPoints = crashPoints.filter((point) => /^(produce|confirm|delete):/.test(point))
const servicePoints = crashPoints.filter((point) => !relayPoints.includes(point))

/**
 * A process dies by its own hand right before or after a step that another system hears of. It is restarted to be armed. A
 * relay's twin is stopped meanwhile: on standby none of these points is reached.
 */
export const crashPoint: Fault = {
  name: 'crash-point',
  targets: [
    ...serviceProcessNames.flatMap((name) => servicePoints.map((point) => `${name} at ${point}`)),
    ...relayProcessNames.flatMap((name) => relayPoints.map((point) => `${name} at ${point}`)),
  ],
  lastsMs: [6_000, 12_000],
  ground: (target) => target.split(' at ')[0] ?? target,
  async inject(world, target, random) {
    const [name = '', point = ''] = target.split(' at ')
    const process = world.process(name)
    const twins = name.startsWith('relay-') ? twinsOf(name) : []
    await Promise.all([process, ...twins.map((twin) => world.process(twin))].map((one) => one.stop()))
    await process.launch({ CRASH_AT: `${point}:${random.between(1, 20)}` })
    return async () => {
      // One that never came to its point must not come to it later.
      await process.stop()
      await Promise.all([name, ...twins].map((one) => revive(world, one)))
    }
  },
}

function twinsOf(relay: string): string[] {
  return [0, 1]
    .map((replica) => replicaName(`relay-${serviceOf(relay)}`, replica))
    .filter((name) => name !== relay)
}
