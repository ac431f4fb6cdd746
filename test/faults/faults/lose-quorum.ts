import type { Fault } from '../fault.ts'
import { brokerNames } from '../world.ts'
import { cutDown, reviveBrokers } from './revive.ts'

/** SIGKILL of two brokers of three: Kafka accepts no records, and the outboxes fill. */
export const loseQuorum: Fault = {
  name: 'lose-quorum',
  targets: brokerNames,
  lastsMs: [2_000, 12_000],
  ground: () => 'kafka',
  async inject(world, target) {
    const killed = brokerNames.filter((name) => name !== target)
    await Promise.all(killed.map((name) => cutDown(world, name)))
    return () => reviveBrokers(world, killed)
  },
}
