import { BenchError } from './bench/bench-error.ts'
import { benchByTurns } from './bench/by-turns.ts'
import { readOptions } from './bench/options.ts'
import { runBench } from './bench/run.ts'
import { abortOnSignal } from './interrupt.ts'
import { createProgress } from './start/progress.ts'

// npm run bench: what the system does in a second, and what a checkout costs.
const options = readOptions(process.argv.slice(2))
const signal = abortOnSignal()
const progress = createProgress((line) => {
  if (!options.json) console.error(line)
})

try {
  const { byTurns } = options
  const { table, json } =
    byTurns === undefined
      ? await runBench(options, progress, signal)
      : await benchByTurns({ ...options, byTurns }, progress, signal)
  if (!options.json) console.error(`\n${table}\n`)
  console.log(JSON.stringify(json))
} catch (error) {
  process.exitCode ||= 1
  if (!signal.aborted) console.error(`\n${explain(error)}`)
} finally {
  progress.stop()
}
process.exit()

function explain(error: unknown): string {
  if (error instanceof BenchError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
