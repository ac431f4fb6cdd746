import { Command, InvalidArgumentError } from 'commander'
import { abortOnSignal } from '../../scripts/interrupt.ts'
import { allFaults } from './faults/all-faults.ts'
import { describeReport } from './report.ts'
import { runFaults } from './run.ts'
import { measures, measureTakeovers } from './takeover/measure-takeovers.ts'
import { describeTakeovers, isWithinLimits } from './takeover/takeover.ts'

// npm run test:faults: checks that money and seats end up right, whatever fails.
const names = allFaults.map((fault) => fault.name)
const measureNames = Object.keys(measures)

const program = new Command('npm run test:faults --')
  .description(
    'Starts the whole system and a load, injects the faults that a seed chooses, heals them, and checks invariants ' +
      'on what clients saw, what the databases hold and what is stored in Kafka.',
  )
  .option(
    '--seed <n>',
    'chooses the faults, their times and targets, and what buyers do',
    integer(1, 2 ** 31),
    1,
  )
  .option('--seconds <n>', 'how long faults are injected', integer(1, 24 * 3_600), 60)
  .option('--runs <n>', 'number of runs, each with the next seed', integer(1, 1_000), 1)
  .option('--keep', 'keep the history, logs and dumps of runs that pass, too', false)
  .option('--faults <names>', 'inject only these faults, separated by commas', namesOf(names))
  .option(
    '--takeover [names]',
    `only measure how soon other processes take over from a failed one: ${measureNames.join(', ')}`,
    namesOf(measureNames),
  )
  .addHelpText(
    'after',
    `
Faults:
  ${names.join('\n  ')}

Examples:
  npm run test:faults                                     a minute of all faults
  npm run test:faults -- --seconds 3600                   an hour
  npm run test:faults -- --faults kill-relay,kill-broker  only these
  npm run test:faults -- --takeover                       measures takeover times and compares them with the limits

Exit code 0: all passed; 1: an invariant is broken, too few payments completed to judge, or a takeover took too long.`,
  )
  .parse()

const options = program.opts<{
  seed: number
  seconds: number
  runs: number
  keep: boolean
  faults?: string[]
  takeover?: true | string[]
}>()
const signal = abortOnSignal()
const say = (line: string): void => console.error(line)
for (let seed = options.seed; seed < options.seed + options.runs && !signal.aborted; seed++) {
  try {
    if (options.takeover !== undefined) {
      const chosen = options.takeover === true ? measureNames : options.takeover
      const takeovers = await measureTakeovers({ chosen, seed, signal, say })
      console.log(`\n${describeTakeovers(takeovers)}\n`)
      if (!isWithinLimits(takeovers)) process.exitCode ||= 1
      continue
    }
    const report = await runFaults({
      seed,
      seconds: options.seconds,
      keep: options.keep,
      ...(options.faults ? { faults: options.faults } : {}),
      signal,
      say,
    })
    console.log(`\n${describeReport(report)}\n`)
    if (report.verdict !== 'passed') process.exitCode ||= 1
  } catch (error) {
    process.exitCode ||= 1
    if (!signal.aborted) console.error(error instanceof Error ? (error.stack ?? error.message) : error)
  }
}
process.exit()

function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`It takes an integer from ${least} to ${most}.`)
  }
}

function namesOf(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const chosen = text.split(',').map((name) => name.trim())
    const unknown = chosen.filter((name) => !known.includes(name))
    if (unknown.length === 0) return chosen
    throw new InvalidArgumentError(`There is no ${unknown.join(', no ')}; there are: ${known.join(', ')}.`)
  }
}
