import type { Random } from './random.ts'
import type { World } from './world.ts'

/** Something that goes wrong in the world. */
export interface Fault {
  /** The name on the command line and in the schedule. */
  readonly name: string
  /** What the fault can happen to. The schedule draws one of them. */
  readonly targets: readonly string[]
  /** The shortest and the longest time until it is healed, in milliseconds. */
  readonly lastsMs: readonly [number, number]
  /** The part of the system that it occupies until it is healed. Faults with the same ground do not overlap. */
  ground(target: string): string
  /** No other fault happens at the same time, since the harness itself needs a working system. */
  readonly alone?: true
  /**
   * Makes the fault happen and returns the function that heals it. Takes a bounded time. May throw if another fault is
   * in the way; then it leaves nothing behind.
   */
  inject(world: World, target: string, random: Random): Promise<Heal>
}

/** Undoes a fault. Must not throw because of what another fault has done since. */
export type Heal = () => Promise<void>
