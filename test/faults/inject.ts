import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Heal } from './fault.ts'
import type { History } from './history.ts'
import { randomOf } from './random.ts'
import { isAlone, type Planned } from './schedule.ts'
import type { World } from './world.ts'

/** A fault as it happened. Times in milliseconds of the history. */
export interface Injected extends Planned {
  readonly startedMs: number
  readonly healedMs: number
  /** Why the fault could not be injected, or not be healed on its own. */
  readonly problem: string | undefined
}

export interface InjectOptions {
  readonly world: World
  readonly history: History
  readonly faults: readonly Fault[]
  readonly schedule: readonly Planned[]
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/**
 * Injects each fault of the schedule at its time and heals it after its duration; returns when the last one is healed.
 */
export async function injectFaults(options: InjectOptions): Promise<Injected[]> {
  const startMs = options.history.nowMs()
  const grounds = new Map<string, Promise<unknown>>()
  const begun: Promise<unknown>[] = []
  let lastAlone: Promise<unknown> = Promise.resolve()
  return await Promise.all(
    options.schedule.map((planned) => {
      // If healing takes longer than planned, the next fault on the same ground waits.
      const ground = options.faults.find(({ name }) => name === planned.fault)?.ground(planned.target) ?? ''
      const alone = isAlone(options.faults, planned.fault)
      const before = alone ? Promise.all(begun) : Promise.all([lastAlone, grounds.get(ground)])
      const injected = injectOne(options, planned, startMs, before)
      grounds.set(ground, injected)
      begun.push(injected)
      if (alone) lastAlone = injected
      return injected
    }),
  )
}

async function injectOne(
  options: InjectOptions,
  planned: Planned,
  startMs: number,
  before: Promise<unknown>,
): Promise<Injected> {
  const { world, history, faults, signal, say } = options
  const at = async (ms: number): Promise<void> => {
    const waitMs = startMs + ms - history.nowMs()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {})
  }
  await at(planned.atMs)
  await before
  const startedMs = history.nowMs()
  let problem: string | undefined
  if (startedMs - startMs - planned.atMs > lateMsMax)
    problem = 'not injected: the fault before it was not healed in time'
  else if (!signal.aborted) {
    const what = `${planned.fault}: ${planned.target}`
    say(`${seconds(startedMs)}  ${what}${planned.lastsMs > 0 ? `, for ${seconds(planned.lastsMs)}` : ''}`)
    try {
      const fault = faults.find(({ name }) => name === planned.fault)
      const heal: Heal =
        (await fault?.inject(world, planned.target, randomOf(planned.seed))) ?? (async () => {})
      await at(startedMs - startMs + planned.lastsMs)
      await heal()
    } catch (error) {
      // Two faults at once can be in each other's way. What is left of them is healed at the end.
      problem = error instanceof Error ? error.message : String(error)
      say(`${seconds(history.nowMs())}  ${what}: ${problem.split('\n')[0]}`)
    }
  }
  return { ...planned, startedMs, healedMs: history.nowMs(), problem }
}

/** A fault that starts later than this would make the run longer than requested. */
const lateMsMax = 15_000

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
