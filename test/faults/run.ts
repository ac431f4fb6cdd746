import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stateDir } from '../../scripts/platform/paths.ts'
import { type Evidence, gatherEvidence } from './evidence.ts'
import type { Fault } from './fault.ts'
import { allFaults } from './faults/all-faults.ts'
import { healEverything, restartEndedProcesses } from './heal.ts'
import { History } from './history.ts'
import { injectFaults } from './inject.ts'
import { judgeRun } from './judge.ts'
import { startLoad } from './load/load.ts'
import { measureRecovery } from './recovery.ts'
import type { Report } from './report.ts'
import { scheduleOf } from './schedule.ts'
import { timeUntilFinal } from './time-until-final.ts'
import { startWorld, type World } from './world.ts'

export interface RunOptions {
  readonly seed: number
  /** How long faults are injected. The start, the healing and the judging take further time. */
  readonly seconds: number
  /** Names of the faults to inject; all faults if left out. */
  readonly faults?: readonly string[]
  /** Keeps the history, logs and dumps of a run that passed, too. */
  readonly keep?: boolean
  readonly signal?: AbortSignal
  readonly say?: (line: string) => void
}

/** How long the load goes on after the healing, to show that it can. */
const aftermathMs = 8_000
/** Completed payments for each second of faults that a run needs to prove anything. */
const completedPerSecondMin = 0.3

/**
 * One run: starts the system and a load, injects the faults of the seed, heals everything, waits until the system is
 * at rest, and judges. Everything it started is stopped when it returns or throws. The evidence of a run that did not
 * pass is kept.
 */
export async function runFaults(options: RunOptions): Promise<Report> {
  const { seed, seconds, say = () => {} } = options
  const signal = options.signal ?? new AbortController().signal
  const faults = allFaults.filter(({ name }) => options.faults?.includes(name) ?? true)
  const schedule = scheduleOf(seed, seconds, faults)
  const dir = path.join(stateDir, 'faults', `seed-${seed}`)
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  await writeFile(path.join(dir, 'schedule.json'), `${JSON.stringify(schedule, null, 2)}\n`)
  say('starting three brokers, PostgreSQL and two replicas of everything …')
  const world = await startWorld(signal)
  const history = new History(path.join(dir, 'history.jsonl'))
  let report: Report | undefined
  try {
    report = await runIn(
      world,
      { ...options, signal, say, keep: options.keep ?? false },
      faults,
      history,
      dir,
    )
    return report
  } finally {
    await history.close()
    if (signal.aborted || (report !== undefined && report.evidenceDir === undefined))
      await rm(dir, { recursive: true, force: true })
    else await cp(path.join(world.system.dir, 'logs'), path.join(dir, 'logs'), { recursive: true })
    await world.stop()
  }
}

async function runIn(
  world: World,
  options: Required<Omit<RunOptions, 'faults'>> & Pick<RunOptions, 'faults'>,
  faults: readonly Fault[],
  history: History,
  dir: string,
): Promise<Report> {
  const { seed, seconds, signal, say } = options
  const platform = restartEndedProcesses(world)
  const load = await startLoad(world, history, seed)
  const schedule = scheduleOf(seed, seconds, faults)
  const injected = await injectFaults({ world, history, faults, schedule, signal, say })
  signal.throwIfAborted()
  say('healing everything …')
  await healEverything(world)
  const settling = timeUntilFinal(world)
  settling.catch(() => {})
  await sleep(aftermathMs, undefined, { signal })
  await load.stop()
  platform.stop()
  const endMs = history.nowMs()
  say('waiting until the system is at rest, then judging …')
  const finalAfterMs = await settling
  const evidence = await gatherEvidence(world, history)
  signal.throwIfAborted()
  const judgement = judgeRun(evidence, finalAfterMs, seconds * completedPerSecondMin)
  const report: Report = {
    ...judgement,
    seed,
    seconds,
    recoveries: measureRecovery(history.operations, injected, endMs),
    ended: platform.ended,
    command: commandOf(options),
    evidenceDir: judgement.verdict === 'passed' && !options.keep ? undefined : dir,
  }
  if (report.evidenceDir !== undefined) await keepEvidence(dir, evidence, report)
  return report
}

async function keepEvidence(dir: string, evidence: Evidence, report: Report): Promise<void> {
  const { operations: _, ...rest } = evidence
  await writeFile(path.join(dir, 'evidence.json'), toJson(rest))
  await writeFile(path.join(dir, 'report.json'), toJson(report))
}

function commandOf({ seed, seconds, faults }: Pick<RunOptions, 'seed' | 'seconds' | 'faults'>): string {
  const chosen = faults === undefined ? '' : ` --faults ${faults.join(',')}`
  return `npm run test:faults -- --seed ${seed} --seconds ${seconds}${chosen}`
}

function toJson(value: unknown): string {
  const plain = (_: string, field: unknown): unknown => {
    if (typeof field === 'bigint') return String(field)
    if (field instanceof Map) return Object.fromEntries(field)
    return field instanceof Set ? [...field] : field
  }
  return `${JSON.stringify(value, plain, 1)}\n`
}
