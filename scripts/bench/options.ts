import { Command, InvalidArgumentError } from 'commander'
import { integer } from '../integer-option.ts'

/** The scenarios that put load on a system of services, in the order in which they run. */
export const loadNames = ['rate', 'full', 'burst', 'holds', 'rush', 'charges'] as const
export type LoadName = (typeof loadNames)[number]
const scenarioNames = ['idle', ...loadNames, 'relay', 'page', 'streams', 'telemetry'] as const
export type ScenarioName = (typeof scenarioNames)[number]
/** The scenarios that run on the benchmark's system or on an attached one. */
export const serviceScenarios: readonly ScenarioName[] = ['idle', ...loadNames]
/** The scenarios that run if none is named: the others take minutes each. */
const usualScenarios: readonly ScenarioName[] = [...serviceScenarios, 'relay']

export interface BenchOptions {
  /** The chosen scenarios, in the order in which they run. */
  readonly scenarios: readonly ScenarioName[]
  readonly attach: boolean
  /** The number of relays in the scenario `relay`, each with a shard of the outbox. */
  readonly shards: number
  /** Checkouts offered per second. */
  readonly rate: number
  /** How long they are offered. */
  readonly seconds: number
  readonly callers: number
  readonly checkouts: number
  /** The number of rounds of each: without and with telemetry, or ours and the other command's. */
  readonly rounds: number
  /** A shell command to measure as well, round by round. */
  readonly byTurns?: string
  readonly json: boolean
  /** The processes whose CPU profile is taken. */
  readonly profile: readonly string[]
  readonly profileTop: boolean
}

interface Flags extends Omit<BenchOptions, 'scenarios' | 'profile'> {
  readonly profile?: readonly string[]
}

/** Reads the command line. On --help or a wrong option, prints help or the error and ends the process. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const program = command().parse([...argv], { from: 'user' })
  const chosen = program.processedArgs[0] as ScenarioName[]
  const flags = program.opts<Flags>()
  const unattachable = chosen.find((name) => !serviceScenarios.includes(name))
  if (flags.attach && unattachable !== undefined) {
    program.error(`error: ${unattachable} needs a system of its own: leave --attach out`)
  }
  if (flags.attach && flags.byTurns !== undefined) {
    program.error('error: --by-turns measures one system while the other is stopped: leave --attach out')
  }
  const usual = flags.attach ? serviceScenarios : usualScenarios
  return {
    ...flags,
    scenarios: scenarioNames.filter((name) => (chosen.length === 0 ? usual : chosen).includes(name)),
    profile: flags.profile ?? [],
  }
}

function command(): Command {
  return new Command('npm run bench --')
    .description('Starts a system of its own and measures it from outside, with real gRPC clients.')
    .argument(
      '[scenarios...]',
      `some of ${scenarioNames.join(', ')}; idle to relay when left out`,
      scenario,
      [],
    )
    .option('--attach', 'measure the system that `npm start` runs; its purchases stay there', false)
    .option('--rate <n>', 'rate, page: checkouts offered per second', integer(1, 1_000), 20)
    .option('--seconds <n>', 'rate, page: how long checkouts are offered', integer(1, 600), 30)
    .option('--callers <n>', 'callers, each with one call at a time; a rush has 200', integer(1, 1_000), 64)
    .option('--checkouts <n>', 'checkouts, holds or charges of a scenario', integer(1, 20_000), 3_000)
    .option('--rounds <n>', 'telemetry, --by-turns: rounds of each of the two', integer(1, 20), 4)
    .option('--shards <n>', 'relay: number of relays, each with a shard of the outbox', integer(1, 16), 1)
    .option('--by-turns <command>', 'run this command between the rounds, and print ratios')
    .option('--json', 'print the JSON line and nothing else', false)
    .option('--profile <process...>', "keep the CPU profile of these Node processes' rate and full scenarios")
    .option('--profile-top', 'print where the profiled processes spent their time', false)
    .addHelpText('after', help)
}

const help = `
Scenarios:
  idle    CPU of each process over 10 s without load
  rate    checkouts at fixed times; latency from the due time of each until the caller has its COMPLETED
  full    as many checkouts as --callers can make, each beginning the next after its last one
  burst   callers submit checkouts and do not wait: from the first call to the last COMPLETED; latency from a call to its COMPLETED
  holds   callers hold distinct seats of one concert
  rush    200 callers want one seat: refusals
  charges callers charge points
  relay   one relay alone, or --shards of them: rows per second from eight writers, then commit to consumed at 300 rows/s
  page    checkouts at fixed times; from the commit of each transition until Chromium has painted it in the console
  streams 200 readers of the console's stream for ten minutes at about 100 events/s; its memory after half of them and at the end
  telemetry   throughput without telemetry, and with traces exported and metrics scraped, by turns

Limits per user are not raised: rate and full have a user for each checkout, the others a thousand, or more so that none has
more than three holds. All settings are those of production, except that holds last for an hour.

--by-turns takes a command that prints a line of JSON at its end: the bench of another commit, or of another saga engine, whose
line has throughput, p50, p99 and cpuSecondsPerSaga. Rounds go ours, theirs, theirs, ours; a ratio is ours by theirs.

The JSON line goes to standard output, the table and everything else to standard error. The exit code is 0 if the books
balance afterwards, whatever the figures are. If they do not, nothing is reported and the exit code is 1.

Examples:
  npm run bench                                     idle to relay: about five minutes
  npm run bench -- telemetry --checkouts 1000
  npm run bench -- burst --by-turns 'cd ../before && npm run bench -- burst'
  npm run bench -- full --profile payment --profile-top
  npm run bench -- rate --rate 100 --seconds 10 --attach`

function scenario(name: string, before: ScenarioName[]): ScenarioName[] {
  const known = scenarioNames.find((other) => other === name)
  if (known === undefined) throw new InvalidArgumentError(`It takes ${scenarioNames.join(', ')}.`)
  return [...before, known]
}
