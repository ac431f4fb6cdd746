import type { Fault } from '../fault.ts'
import { relayProcessNames, serviceProcessNames } from '../world.ts'

const secondMs = 1_000
const hourMs = 3_600 * secondMs
/** After a jump of two days, every token of the load has expired. */
const jumpsMs = [
  -2 * hourMs,
  -90 * secondMs,
  -5 * secondMs,
  5 * secondMs,
  90 * secondMs,
  2 * hourMs,
  48 * hourMs,
]

/**
 * The wall clock of one process jumps, and later jumps back. Decisions that must not depend on it are made by the
 * database's clock.
 */
export const jumpClock: Fault = {
  name: 'jump-clock',
  targets: [...serviceProcessNames, ...relayProcessNames],
  lastsMs: [2_000, 12_000],
  ground: (target) => `clock of ${target}`,
  async inject(world, target, random) {
    world.clocks.shift(target, random.pick(jumpsMs))
    return async () => world.clocks.shift(target, 0)
  },
}
