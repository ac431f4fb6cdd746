import type { Random } from './random.ts'
import type { World } from './world.ts'

/** Something that goes wrong in the world. */
export interface Fault {
  /** As the command line and the schedule name it. */
  readonly name: string
  /** What it can happen to: one is drawn. */
  readonly targets: readonly string[]
  /** How long it lasts before it is healed: the least and the most, in milliseconds. */
  readonly lastsMs: readonly [number, number]
  /** What it occupies meanwhile. Faults that share a ground do not overlap. */
  ground(target: string): string
  /** Nothing else happens meanwhile, since the harness itself needs a system that works. */
  readonly alone?: true
  /**
   * Makes it happen and returns what heals it. Bounded; what cannot be done because another fault is in the way may throw,
   * and leaves nothing behind.
   */
  inject(world: World, target: string, random: Random): Promise<Heal>
}

/** Undoes a fault. Must not throw for what another fault has done meanwhile. */
export type Heal = () => Promise<void>
