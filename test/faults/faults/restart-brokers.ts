import type { Fault } from '../fault.ts'
import { brokerNames } from '../world.ts'

/** A rolling restart, as in an upgrade: one broker after the other, each ready before the next stops. */
export const restartBrokers: Fault = {
  name: 'restart-brokers',
  targets: ['all brokers'],
  lastsMs: [20_000, 20_000],
  ground: () => 'kafka',
  async inject(world) {
    for (const name of brokerNames) await world.process(name).restart()
    return async () => {}
  },
}
