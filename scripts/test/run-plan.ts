import { runChecks } from '../check.ts'
import type { PortShare } from '../platform/ports.ts'
import { OrderedOutput, type OutputPart } from './ordered-output.ts'
import type { Run, Step } from './plan-runs.ts'
import { runMocha } from './run-mocha.ts'
import type { Tally } from './tally.ts'

export interface PlanOptions {
  /** More arguments for every mocha. */
  readonly args?: readonly string[]
  /** Ends the current runs, and begins no more. */
  readonly signal: AbortSignal
  /** Receives the output of the runs, one run after the other. */
  readonly show?: (chunk: Buffer | string) => void
  /** Runs the checks: {@link runChecks}, but for a test of the plan. */
  readonly check?: typeof runChecks
}

/** Runs every step, even after one has failed; returns the tally of each run by its name, in the order of the plan. */
export async function runPlan(
  steps: readonly Step[],
  { args = [], signal, show = (chunk) => process.stdout.write(chunk), check = runChecks }: PlanOptions,
): Promise<ReadonlyMap<string, Tally>> {
  const output = new OrderedOutput(show)
  const execute = async (run: Run, ports: PortShare, { write }: OutputPart): Promise<Tally> => {
    if (!('files' in run)) return { ...(await check(signal, (line) => write(`${line}\n`))), skipped: 0 }
    return await runMocha({ specs: run.files, platform: run.platform, args, signal, ports, write })
  }
  const shown = async (run: Run, ports: PortShare): Promise<readonly [string, Tally]> => {
    const part = output.begin()
    part.write(`\n── ${run.name}\n`)
    const tally = await execute(run, ports, part)
    part.end()
    return [run.name, tally]
  }
  const tallies: (readonly [string, Tally])[] = []
  for (const step of steps) {
    if (signal.aborted) continue
    const running = step.map((run, nth) => shown(run, { nth, of: step.length }))
    tallies.push(...(await Promise.all(running)))
  }
  return new Map(tallies)
}
