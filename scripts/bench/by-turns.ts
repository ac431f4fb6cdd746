import { runCommand } from '../command.ts'
import type { Progress } from '../start/progress.ts'
import { BenchError } from './bench-error.ts'
import { comparableFigures } from './comparable.ts'
import { compare, renderComparison } from './compare.ts'
import type { BenchOptions } from './options.ts'
import { runBench } from './run.ts'

type Json = Readonly<Record<string, unknown>>

const shownLines = 20

/**
 * Runs this bench and another command by turns, so that what else the machine does meanwhile falls on both. Each starts what it
 * measures and stops it before the other begins. Ours first, then theirs twice, then ours: that takes out a steady drift.
 *
 * @throws BenchError when the command fails, or ends without a line of JSON
 */
export async function benchByTurns(
  options: BenchOptions & { readonly byTurns: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<{ table: string; json: unknown }> {
  const { byTurns: command, rounds } = options
  const runs = { ours: [] as Json[], theirs: [] as Json[] }
  const comparisonsSoFar = () => compare(runs.ours.map(comparableFigures), runs.theirs.map(comparableFigures))
  for (let nth = 0; nth < 2 * rounds; nth++) {
    signal.throwIfAborted()
    if (nth % 4 === 0 || nth % 4 === 3) {
      progress.say(`round ${runs.ours.length + 1} of ${rounds}, ours`)
      runs.ours.push((await runBench(options, progress, signal)).json)
    } else {
      const done = progress.step(`round ${runs.theirs.length + 1}, theirs`)
      runs.theirs.push(await runOther(command, signal))
      done('')
    }
    // A run takes minutes: what is measured is shown, also if a later round fails or the run is ended.
    const isPair = runs.ours.length === runs.theirs.length
    if (isPair && nth < 2 * rounds - 1) progress.say(`${renderComparison(comparisonsSoFar(), command)}\n`)
  }
  const comparisons = comparisonsSoFar()
  if (comparisons.length === 0) throw new BenchError(`Nothing that \`${command}\` printed can be compared.`)
  return { table: renderComparison(comparisons, command), json: { command, rounds, comparisons, ...runs } }
}

async function runOther(command: string, signal: AbortSignal): Promise<Json> {
  // npm changes into the package's folder; a command is written where npm was called.
  const cwd = process.env.INIT_CWD ?? process.cwd()
  const { exitCode, output } = await runCommand('sh', ['-c', command], { cwd, signal })
  signal.throwIfAborted()
  const json = lastJsonLine(output)
  if (exitCode === 0 && json !== undefined) return json
  const end = output.trimEnd().split('\n').slice(-shownLines).join('\n  ')
  throw new BenchError(
    `\`${command}\` ended with ${exitCode} and ${json ? 'a' : 'no'} line of JSON:\n  ${end}`,
  )
}

/** The last line of what a program wrote that is an object in JSON. */
export function lastJsonLine(output: string): Json | undefined {
  for (const line of output.split('\n').reverse()) {
    if (!line.startsWith('{')) continue
    try {
      return JSON.parse(line) as Json
    } catch {
      // A line of a log that only begins like one.
    }
  }
  return undefined
}
