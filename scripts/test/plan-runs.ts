import { globSync } from 'node:fs'
import { repositoryDir } from '../platform/paths.ts'

/** What `npm test` can be asked for, in this order. */
export const stages = ['check', 'unit', 'integration', 'e2e'] as const
export type Stage = (typeof stages)[number]

/** What `npm run check` runs: no tests, but the tools that judge the sources. */
export const checkRun = { name: 'check' } as const

/** The tests of one mocha process. */
export interface TestRun {
  readonly name: string
  /** From the repository's root, in their order. */
  readonly files: readonly string[]
  /** Whether Kafka and PostgreSQL are started for it. */
  readonly platform: boolean
}

export type Run = typeof checkRun | TestRun

/** The runs of a step go on at the same time. A step begins when the one before it has ended. */
export type Step = readonly Run[]

/**
 * A system that nobody calls for three minutes. Its test waits, so it does that beside the checks and the unit tests, which start no
 * servers. A busy neighbour changes none of its assertions:
 *
 * - No warning, no count of trouble, no rebalance: each would need a process that gets no turn on the processor for seconds. A consumer
 *   sends a heartbeat every second, and loses its place after eight.
 * - No more memory than at first: it is weighed after a full collection. What is alive then does not depend on the processor.
 * - A purchase completes: within the deadline of every end-to-end test, of which most run beside two other processes.
 */
const leftAlone = 'test/alone.test.ts'

/**
 * Tests that judge how long something takes: the calls of everybody else under abuse, recoveries under faults. They start systems of
 * their own.
 */
const measuring = ['test/abuse/abuse.test.ts', 'test/faults/short-run.test.ts']

/** End-to-end tests that do not use the system that the others share: each starts what it needs, and stops it. */
const startingSystems = [
  'test/{forged-records,recreated-topic,secure,secure-restore,traces}.test.ts',
  'test/{npm-start,own-kafka}.integration.test.ts',
  'test/packages/*.test.ts',
]

const integration = '**/*.integration.test.ts'
const simulation = 'test/simulation/*.test.ts'
/** What needs more than this checkout: `npm run test:charts`, `test:k8s` and `test:cluster`. */
const rings = 'test/{charts,k8s,cluster}/**'

/**
 * Which mocha processes run the tests of some stages, and when. What works shares the processor with a test that waits: the checks and
 * the unit tests with the system that is left alone. Integration and end-to-end tests wait for most of their time, for other processes
 * and for what is due later, so they wait at the same time, each process with servers of its own. Unit tests, of which some count what
 * a second brings, come before them.
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

/** A process of its own: what it has started is gone before the next begins. */
function byItself(file: string, how: string): TestRun {
  return { name: `${how}, ${file}`, files: filesOf([file]), platform: false }
}

function oneOf(runs: readonly TestRun[]): TestRun[] {
  if (runs.length === 0) return []
  const files = runs.flatMap((run) => run.files)
  return [{ name: 'integration and end-to-end tests', files, platform: true }]
}

/** Here and not in mocha, which takes a glob that it cannot read for a file that is not there, and goes on without it. */
function filesOf(globs: readonly string[], except: readonly string[] = []): string[] {
  const exclude = ['**/node_modules/**', ...except]
  return globs.flatMap((glob) => globSync(glob, { cwd: repositoryDir, exclude })).sort()
}
