import type { Fault } from './fault.ts'
import { type Random, randomOf } from './random.ts'

/** One planned fault of a run: its time, kind, target and duration. */
export interface Planned {
  /** Milliseconds after the start of the load. */
  readonly atMs: number
  readonly fault: string
  readonly target: string
  readonly lastsMs: number
  /** Seed of the fault's own random choices. */
  readonly seed: number
}

type Kind = Pick<Fault, 'name' | 'targets' | 'lastsMs' | 'ground' | 'alone'>

/** How many faults may be under way at the same time. */
const tracks = 2
const pauseMs = [500, 4_000] as const
/** Time without faults before the first one and after the last one, as a baseline to compare with. */
const calmMs = 3_000

/**
 * The faults of a run, in the order of their times: a pure function of its arguments. On each of two tracks faults
 * follow each other with pauses. Every kind has its turn before any kind comes again, and no two faults overlap on the
 * same ground. A fault that must be alone waits until both tracks are free and occupies both.
 */
export function scheduleOf(seed: number, seconds: number, faults: readonly Kind[]): Planned[] {
  const random = randomOf(seed)
  const endMs = seconds * 1_000 - calmMs
  const free = Array.from({ length: tracks }, () => calmMs + random.between(...pauseMs))
  const schedule: Planned[] = []
  let turns: Kind[] = []
  while (faults.length > 0) {
    const track = free.indexOf(Math.min(...free))
    const atMs = free[track] ?? endMs
    if (atMs >= endMs) break
    if (turns.length === 0) turns = random.shuffled(faults)
    const next = takeNext(turns, schedule, faults, atMs, random)
    const alone = isAlone(faults, next?.fault)
    const planned = alone && next ? { ...next, atMs: Math.max(...free) } : next
    if (planned !== undefined) schedule.push(planned)
    const freeMs = (planned?.atMs ?? atMs) + (planned?.lastsMs ?? 0) + random.between(...pauseMs)
    if (alone) free.fill(freeMs)
    else free[track] = freeMs
  }
  return schedule
}

/** Removes the first kind with a free ground from `turns`, and plans a fault of it. */
function takeNext(
  turns: Kind[],
  schedule: readonly Planned[],
  faults: readonly Kind[],
  atMs: number,
  random: Random,
): Planned | undefined {
  const busy = new Set(
    schedule
      .filter((planned) => planned.atMs + planned.lastsMs + settleMs > atMs)
      .map((planned) => groundOf(faults, planned)),
  )
  for (const [index, kind] of turns.entries()) {
    const targets = kind.targets.filter((target) => !busy.has(kind.ground(target)))
    if (targets.length === 0) continue
    turns.splice(index, 1)
    const [least, most] = kind.lastsMs
    return {
      atMs,
      fault: kind.name,
      target: random.pick(targets),
      lastsMs: random.between(least, most),
      seed: random.between(0, 2 ** 31),
    }
  }
  return undefined
}

/** Time that a healed part needs before the next fault on the same ground. */
const settleMs = 1_000

export function isAlone(faults: readonly Pick<Fault, 'name' | 'alone'>[], name: string | undefined): boolean {
  return faults.find((fault) => fault.name === name)?.alone === true
}

function groundOf(faults: readonly Kind[], planned: Planned): string | undefined {
  return faults.find(({ name }) => name === planned.fault)?.ground(planned.target)
}
