import type { Fault } from './fault.ts'
import { type Random, randomOf } from './random.ts'

/** One fault of a run: when, what, to whom, for how long. */
export interface Planned {
  /** Milliseconds after the start of the load. */
  readonly atMs: number
  readonly fault: string
  readonly target: string
  readonly lastsMs: number
  /** For what the fault itself draws. */
  readonly seed: number
}

type Kind = Pick<Fault, 'name' | 'targets' | 'lastsMs' | 'ground' | 'alone'>

/** Faults that may be under way at the same time. */
const tracks = 2
const pauseMs = [500, 4_000] as const
/** Before the first fault, and after the last, so that there is something to compare with. */
const calmMs = 3_000

/**
 * The faults of a run, in the order of their times: a pure function of its arguments. On each of two tracks they follow each
 * other with pauses; every kind has its turn before one comes again, and no two share their ground. One that is to be alone
 * waits for both tracks and holds both.
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
    const taken = take(turns, schedule, faults, atMs, random)
    const alone = isAlone(faults, taken?.fault)
    const planned = alone && taken ? { ...taken, atMs: Math.max(...free) } : taken
    if (planned !== undefined) schedule.push(planned)
    const freeMs = (planned?.atMs ?? atMs) + (planned?.lastsMs ?? 0) + random.between(...pauseMs)
    if (alone) free.fill(freeMs)
    else free[track] = freeMs
  }
  return schedule
}

/** The first kind of the turn that finds free ground, taken out of it. */
function take(
  turns: Kind[],
  schedule: readonly Planned[],
  faults: readonly Kind[],
  atMs: number,
  random: Random,
): Planned | undefined {
  const busy = new Set(
    schedule.filter((one) => one.atMs + one.lastsMs + settleMs > atMs).map((one) => groundOf(faults, one)),
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

/** What was healed needs a moment before the next fault comes to the same place. */
const settleMs = 1_000

export function isAlone(faults: readonly Pick<Fault, 'name' | 'alone'>[], name: string | undefined): boolean {
  return faults.find((one) => one.name === name)?.alone === true
}

function groundOf(faults: readonly Kind[], planned: Planned): string | undefined {
  return faults.find((one) => one.name === planned.fault)?.ground(planned.target)
}
