import type { Fault } from '../fault.ts'
import { brokerNames, relayProcessNames, serviceProcessNames } from '../world.ts'

/**
 * SIGSTOP, sometimes for longer than the session timeout: the process resumes without knowing that time has passed.
 */
function pauseOf(name: string, targets: readonly string[], lastsMs: readonly [number, number]): Fault {
  return {
    name,
    targets,
    lastsMs,
    ground: (target) => (name === 'pause-broker' ? 'kafka' : target),
    async inject(world, target) {
      world.process(target).kill('SIGSTOP')
      return async () => world.process(target).kill('SIGCONT')
    },
  }
}

export const pauseService = pauseOf('pause-service', serviceProcessNames, [1_000, 16_000])
export const pauseRelay = pauseOf('pause-relay', relayProcessNames, [1_000, 12_000])
export const pauseBroker = pauseOf('pause-broker', brokerNames, [1_000, 14_000])
