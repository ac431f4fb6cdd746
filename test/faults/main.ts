import { Command, InvalidArgumentError } from 'commander'
import { abortOnSignal } from '../../scripts/interrupt.ts'
import { allFaults } from './faults/all-faults.ts'
import { describeReport } from './report.ts'
import { runFaults } from './run.ts'
import { measures, measureTakeovers } from './takeover/measure-takeovers.ts'
import { describeTakeovers, isWithinLimits } from './takeover/takeover.ts'

// npm run test:faults: whether money and seats end up right, whatever fails.
const names = allFaults.map((fault) => fault.name)
const measureNames = Object.keys(measures)

const program = new Command('npm run test:faults --')
  .description(
    'Starts the whole system and a load, lets faults happen that a seed chooses, heals them, and judges what clients saw, ' +
      'what the databases hold and what stands in Kafka.',
  )
  .option('--seed <n>', 'which faults, when, to whom; and what buyers want', integer(1, 2 ** 31), 1)
  .option('--seconds <n>', 'how long faults happen', integer(1, 24 * 3_600), 60)
  .option('--runs <n>', 'so many runs, each with the next seed', integer(1, 1_000), 1)
  .option('--keep', 'keep history, logs and dumps also of runs that pass', false)
  .option('--faults <names>', 'only these, separated by commas', namesOf(names))
  .option(
    '--takeover [names]',
    `measures how soon others take over from what fails, and nothing else: ${measureNames.join(', ')}`,
    namesOf(measureNames),
  )
  .addHelpText(
    'after',
    `
Faults:
  ${names.join('\n  ')}

Examples:
  npm run test:faults                                     a minute of everything
  npm run test:faults -- --seconds 3600                   an hour
  npm run test:faults -- --faults kill-relay,kill-broker  only these
  npm run test:faults -- --takeover                       how long until others take over, against the limits

Exit code 0: all passed; 1: an invariant is broken, too little happened to tell, or a takeover took too long.`,
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
      const taken = await measureTakeovers({ chosen, seed, signal, say })
      console.log(`\n${describeTakeovers(taken)}\n`)
      if (!isWithinLimits(taken)) process.exitCode ||= 1
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
