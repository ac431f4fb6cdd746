import { OrderedOutput } from './ordered-output.ts'
import type { Step, TestRun } from './plan-runs.ts'
import { runMocha } from './run-mocha.ts'
import type { Tally } from './tally.ts'

export interface PlanOptions {
  /** More arguments for every mocha. */
  readonly args?: readonly string[]
  /** Ends what is running, and begins nothing more. */
  readonly signal: AbortSignal
  /** Gets what the runs write, one run after the other. */
  readonly show?: (chunk: Buffer | string) => void
}

/** Runs every step, also after tests have failed; returns the tally of each run by its name, in the plan's order. */
export async function runPlan(
  steps: readonly Step[],
  { args = [], signal, show = (chunk) => process.stdout.write(chunk) }: PlanOptions,
): Promise<ReadonlyMap<string, Tally>> {
  const output = new OrderedOutput(show)
  const run = async ({ name, files, platform }: TestRun): Promise<readonly [string, Tally]> => {
    const { write, end } = output.begin()
    write(`\n── ${name}\n`)
    const tally = await runMocha({ specs: files, platform, args, signal, write })
    end()
    return [name, tally]
  }
  const tallies: (readonly [string, Tally])[] = []
  for (const step of steps) {
    if (!signal.aborted) tallies.push(...(await Promise.all(step.map(run))))
  }
  return new Map(tallies)
}
