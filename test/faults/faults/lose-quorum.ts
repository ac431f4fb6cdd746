import type { Fault } from '../fault.ts'
import { brokerNames } from '../world.ts'
import { cutDown, reviveBrokers } from './revive.ts'

/** SIGKILL of two brokers of three: Kafka takes nothing any more, and the outboxes fill. */
export const loseQuorum: Fault = {
  name: 'lose-quorum',
  targets: brokerNames,
  lastsMs: [2_000, 12_000],
  ground: () => 'kafka',
  async inject(world, target) {
    const away = brokerNames.filter((name) => name !== target)
    await Promise.all(away.map((name) => cutDown(world, name)))
    return () => reviveBrokers(world, away)
  },
}
