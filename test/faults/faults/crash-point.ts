import { crashPoints } from '@boxoffice/common/lifecycle/crash-point.ts'
import { replicaName } from '../../../scripts/platform/service-process.ts'
import type { Fault } from '../fault.ts'
import { relayProcessNames, serviceOf, serviceProcessNames } from '../world.ts'
import { revive } from './revive.ts'

/** The crash points that only a relay reaches. */
const relayPoints = crashPoints.filter((point) => /^(produce|confirm|delete):/.test(point))
const servicePoints = crashPoints.filter((point) => !relayPoints.includes(point))

/**
 * A process kills itself right before or after a step that another system can see. It is restarted with the crash
 * point set. The other relay of the service is stopped for that time: a relay on standby reaches none of these points.
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
    await Promise.all([name, ...twins].map((stopped) => world.process(stopped).stop()))
    await process.launch({ CRASH_AT: `${point}:${random.between(1, 20)}` })
    return async () => {
      // A process that has not reached its crash point must not reach it later.
      await process.stop()
      await Promise.all([name, ...twins].map((stopped) => revive(world, stopped)))
    }
  },
}

function twinsOf(relay: string): string[] {
  return [0, 1]
    .map((replica) => replicaName(`relay-${serviceOf(relay)}`, replica))
    .filter((name) => name !== relay)
}
