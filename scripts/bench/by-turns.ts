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
 * Runs this bench and another command by turns, so that other load of the machine affects both. Each starts what it
 * measures and stops it before the other begins. The order ours, theirs, theirs, ours cancels a steady drift.
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
    // A run takes minutes, so the figures so far are shown, in case a later round fails or the run is interrupted.
    const isPair = runs.ours.length === runs.theirs.length
    if (isPair && nth < 2 * rounds - 1) progress.say(`${renderComparison(comparisonsSoFar(), command)}\n`)
  }
  const comparisons = comparisonsSoFar()
  if (comparisons.length === 0) throw new BenchError(`Nothing that \`${command}\` printed can be compared.`)
  return { table: renderComparison(comparisons, command), json: { command, rounds, comparisons, ...runs } }
}

async function runOther(command: string, signal: AbortSignal): Promise<Json> {
  // npm changes into the package's folder; the command is relative to the folder where npm was called.
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

/** The last line of a program's output that is a JSON object. */
export function lastJsonLine(output: string): Json | undefined {
  for (const line of output.split('\n').reverse()) {
    if (!line.startsWith('{')) continue
    try {
      return JSON.parse(line) as Json
    } catch {
      // A log line that only begins like a JSON object.
    }
  }
  return undefined
}
