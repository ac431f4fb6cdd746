import { abortOnSignal } from './interrupt.ts'
import { planRuns, type Stage, stages } from './test/plan-runs.ts'
import { prepareCheckout } from './test/prepare-checkout.ts'
import { runPlan } from './test/run-plan.ts'
import { closingLine, judgeSkipped, type Tally, totalOf } from './test/tally.ts'

const help = `npm test                      everything: check, unit, integration and end-to-end tests
npm test -- <stage>…          only these: check, unit, integration, e2e
npm test -- --grep <text>     only tests whose name contains the text, without the checks
npm test -- unit --bail       other options are passed to mocha

It ends with "N passed, N failed, N skipped". With CI set, a test that was skipped fails the run.`

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

/** Runs the stages in order, even after one has failed, and adds up their tallies. */
async function runStages(chosen: ReadonlySet<Stage>, args: readonly string[]): Promise<Tally> {
  const signal = abortOnSignal()
  const inOne = args.length > 0
  const steps = planRuns(chosen, { inOne })
  // Done first, because otherwise several processes would do it at the same time, in the same folders.
  if (chosen.has('e2e') && !inOne && !signal.aborted) await prepareCheckout()
  const tallies = await runPlan(steps, { args, signal })
  // Printed again at the end, because a failure of the first stage is thousands of lines above.
  console.log()
  for (const [name, tally] of tallies) {
    console.log(`── ${name}: ${closingLine(tally)}`)
    for (const failure of tally.failures ?? []) console.log(`   ${failure}`)
  }
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
