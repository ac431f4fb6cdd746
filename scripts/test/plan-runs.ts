import { globSync } from 'node:fs'
import { repositoryDir } from '../platform/paths.ts'

/** The stages of `npm test`, in order. */
export const stages = ['check', 'unit', 'integration', 'e2e'] as const
export type Stage = (typeof stages)[number]

/** The run of `npm run check`: no tests, but the tools that check the sources. */
export const checkRun = { name: 'check' } as const

/** The tests of one mocha process. */
export interface TestRun {
  readonly name: string
  /** Paths from the repository's root, in order. */
  readonly files: readonly string[]
  /** Whether Kafka and PostgreSQL are started for it. */
  readonly platform: boolean
}

export type Run = typeof checkRun | TestRun

/** Runs that happen at the same time. A step begins when the previous one has ended. */
export type Step = readonly Run[]

/**
 * The test of an idle system: it gets no call for three minutes. The test mostly waits, so it runs beside the checks and the unit
 * tests, which start no servers. Their load changes none of its assertions:
 *
 * - No warning, no trouble counted, no rebalance: each would occur only if a process got no processor time for seconds. A consumer
 *   sends a heartbeat every second, and loses its place in the group after eight seconds.
 * - No more memory than at first: memory is measured after a full collection, so it does not depend on the processor's load.
 * - A purchase completes: its deadline is that of every end-to-end test, and most of those run beside two other processes.
 */
const leftAlone = 'test/alone.test.ts'

/**
 * Tests that measure times: the calls of other users under abuse, recoveries under faults. They start systems of their own.
 */
const measuring = ['test/abuse/abuse.test.ts', 'test/faults/short-run.test.ts']

/** End-to-end tests that do not use the shared system: each starts what it needs, and stops it. */
const startingSystems = [
  'test/{forged-records,recreated-topic,secure-restore,traces}.test.ts',
  'test/secure/*.test.ts',
  'test/{npm-start,own-kafka}.integration.test.ts',
  'test/packages/*.test.ts',
]

const integration = '**/*.integration.test.ts'
const simulation = 'test/simulation/*.test.ts'
/** Tests that need more than this checkout: `npm run test:charts`, `test:k8s` and `test:cluster`. */
const rings = 'test/{charts,k8s,cluster}/**'

/**
 * Plans which processes run the tests of the chosen stages, and when. The checks and the unit tests keep the processor busy, so the
 * test of the idle system, which mostly waits, runs beside them. Integration and end-to-end tests spend most of their time waiting for
 * other processes and timers, so they run at the same time, each process with its own servers. Unit tests run before them, because
 * some of them count events per second.
 *
 * @param inOne - whether integration and end-to-end tests are run by one mocha process, which starts one platform: with `--grep` there
 *   are too few of them for several, and `--bail` means all of them
 */
export function planRuns(chosen: ReadonlySet<Stage>, { inOne = false } = {}): readonly Step[] {
  const checks = chosen.has('check') ? [checkRun] : []
  const units = chosen.has('unit') ? [unitTests()] : []
  const integrations = chosen.has('integration') ? [integrationTests()] : []
  const endToEnds = chosen.has('e2e') ? [sharedSystem(), systemsOfTheirOwn()] : []
  const idle = chosen.has('e2e') ? [byItself(leftAlone, 'left alone')] : []
  const measured = chosen.has('e2e') ? measuring.map((file) => byItself(file, 'by itself')) : []
  const waiting = [...integrations, ...endToEnds]
  const steps = inOne
    ? [checks, units, oneOf([...waiting, ...idle, ...measured])]
    : [[...checks, ...units, ...idle], waiting, ...measured.map((run) => [run])]
  return steps.filter((runs) => runs.length > 0)
}

function unitTests(): TestRun {
  const specs = ['services/**/*.test.ts', 'scripts/**/*.test.ts', simulation]
  return { name: 'unit tests', files: filesOf(specs, [integration]), platform: false }
}

function integrationTests(): TestRun {
  const files = filesOf([`services/${integration}`, `scripts/${integration}`])
  return { name: 'integration tests', files, platform: true }
}

function sharedSystem(): TestRun {
  const others = [simulation, rings, ...startingSystems, leftAlone, ...measuring]
  return { name: 'end-to-end tests', files: filesOf(['test/**/*.test.ts'], others), platform: false }
}

function systemsOfTheirOwn(): TestRun {
  return {
    name: 'end-to-end tests with systems of their own',
    files: filesOf(startingSystems),
    platform: true,
  }
}

/** A run with its own process, so that everything it has started is gone before the next run begins. */
function byItself(file: string, how: string): TestRun {
  return { name: `${how}, ${file}`, files: filesOf([file]), platform: false }
}

function oneOf(runs: readonly TestRun[]): TestRun[] {
  if (runs.length === 0) return []
  const files = runs.flatMap((run) => run.files)
  return [{ name: 'integration and end-to-end tests', files, platform: true }]
}

/** Expands globs here, because mocha takes a glob that it cannot read for a missing file and continues without it. */
function filesOf(globs: readonly string[], except: readonly string[] = []): string[] {
  const exclude = ['**/node_modules/**', ...except]
  return globs.flatMap((glob) => globSync(glob, { cwd: repositoryDir, exclude })).sort()
}
