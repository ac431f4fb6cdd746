import { runChecks } from './check.ts'
import { abortOnSignal } from './interrupt.ts'
import { runMocha } from './test/run-mocha.ts'
import { closingLine, judgeSkipped, type Tally, totalOf } from './test/tally.ts'

const help = `npm test                      everything: check, unit, integration and end-to-end tests
npm test -- <stage>…          only these: check, unit, integration, e2e
npm test -- --grep <text>     only tests whose name has it, without the checks
npm test -- unit --bail       other options go to mocha as they are

It ends with "N passed, N failed, N skipped". With CI set, a test that was skipped fails the run.`

const stages = ['check', 'unit', 'integration', 'e2e'] as const
type Stage = (typeof stages)[number]

const simulation = 'test/simulation/*.test.ts'
const units = ['services/**/*.test.ts', 'scripts/**/*.test.ts', simulation]
const integrationTests = '**/*.integration.test.ts'
/** What needs more than this checkout: `npm run test:charts`, `test:k8s` and `test:cluster`. */
const rings = 'test/{charts,k8s,cluster}/**'

const arguments_ = process.argv.slice(2)
if (arguments_.includes('--help') || arguments_.includes('-h')) {
  console.log(help)
} else {
  const tally = await runStages(...parse(arguments_))
  const complaint = judgeSkipped(tally, process.env.CI)
  if (complaint !== undefined) console.error(`\n${complaint}`)
  console.log(`\n${closingLine(tally)}`)
  if (tally.failed > 0 || complaint !== undefined) process.exitCode ??= 1
}

/** Runs the stages in their order, also after one has failed, and adds up what they say. */
async function runStages(chosen: ReadonlySet<Stage>, args: readonly string[]): Promise<Tally> {
  const signal = abortOnSignal()
  const tallies = new Map<string, Tally>()
  const stage = async (name: string, run: () => Promise<Tally>): Promise<void> => {
    if (signal.aborted) return
    console.log(`\n── ${name}`)
    tallies.set(name, await run())
  }
  if (chosen.has('check')) await stage('check', async () => ({ ...(await runChecks(signal)), skipped: 0 }))
  if (chosen.has('unit')) {
    const run = { specs: units, ignore: [integrationTests], platform: false, args, signal }
    await stage('unit tests', () => runMocha(run))
  }
  // One mocha for both: they share Kafka and PostgreSQL, which take longer to start than many a test to run.
  const integration = chosen.has('integration') ? ['services', 'scripts'] : []
  const specs = integration.map((room) => `${room}/${integrationTests}`)
  if (chosen.has('e2e')) specs.push('test/**/*.test.ts')
  if (specs.length > 0)
    await stage(nameOf(chosen), () =>
      runMocha({ specs, ignore: [simulation, rings], platform: true, args, signal }),
    )
  // Again at the end: a failure of the first stage is thousands of lines above.
  console.log()
  for (const [name, tally] of tallies) console.log(`── ${name}: ${closingLine(tally)}`)
  const total = totalOf([...tallies.values()])
  if (!signal.aborted) return total
  console.error('The tests were interrupted.')
  return { ...total, failed: Math.max(total.failed, 1) }
}

function parse(args: readonly string[]): [ReadonlySet<Stage>, readonly string[]] {
  const named = new Set<Stage>()
  let rest = [...args]
  while (isStage(rest[0])) {
    named.add(rest[0])
    rest = rest.slice(1)
  }
  if (named.size > 0) return [named, rest]
  const filtered = rest.length > 0
  return [new Set(stages.filter((stage) => !(filtered && stage === 'check'))), rest]
}

function isStage(text: string | undefined): text is Stage {
  return stages.some((stage) => stage === text)
}

function nameOf(chosen: ReadonlySet<Stage>): string {
  const names = { integration: 'integration tests', e2e: 'end-to-end tests' }
  return (['integration', 'e2e'] as const)
    .filter((stage) => chosen.has(stage))
    .map((stage) => names[stage])
    .join(' and ')
}
