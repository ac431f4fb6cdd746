import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '../../../scripts/platform/databases.ts'
import type { Fault } from '../fault.ts'
import { revive } from './revive.ts'

const pauseMs = 2_000

/** A replica leaves its consumer group properly and joins it again, every few seconds: rebalance after rebalance. */
export const comeAndGo: Fault = {
  name: 'come-and-go',
  targets: serviceNames.map((name) => `${name}-2`),
  lastsMs: [6_000, 15_000],
  ground: (target) => target,
  async inject(world, target) {
    const over = new AbortController()
    const restarting = (async () => {
      while (!over.signal.aborted) {
        await world.process(target).stop()
        await revive(world, target)
        await sleep(pauseMs, undefined, { signal: over.signal }).catch(() => {})
      }
    })()
    return async () => {
      over.abort()
      await restarting
    }
  },
}
