import { Command, InvalidArgumentError } from 'commander'
import { abortOnSignal } from '../../scripts/interrupt.ts'
import { allAttacks } from './attacks/all-attacks.ts'
import { describeAbuse, problemsOf } from './report.ts'
import { runAbuse } from './run.ts'

// npm run test:abuse: checks that other callers are served and nothing is forged, whatever attackers send.
const names = allAttacks.map(({ name }) => name)

const program = new Command('npm run test:abuse --')
  .description(
    'Starts the whole system with certificates and passwords, and customers who use it. Runs one attack after the other, ' +
      'and prints what each tried, how the system answered, and how the customers were served.',
  )
  .option('--seconds <n>', 'how long each attack runs', seconds, 6)
  .option('--attacks <names>', 'run only these attacks, separated by commas', namesOf)
  .addHelpText('after', `\nAttacks:\n  ${names.join('\n  ')}`)
  .parse()

const options = program.opts<{ seconds: number; attacks?: readonly string[] }>()
const report = await runAbuse({
  attacks: allAttacks.filter(({ name }) => options.attacks?.includes(name) ?? true),
  seconds: options.seconds,
  signal: abortOnSignal(),
  say: (line) => console.log(line),
})
console.log(`\n${describeAbuse(report)}`)
const problems = problemsOf(report)
console.log(
  problems.length === 0
    ? '\nPassed: no attack got through, and the customers were served.'
    : `\n${problems.map((problem) => `✗ ${problem}`).join('\n')}`,
)
if (problems.length > 0) process.exitCode = 1

function seconds(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 60)
    throw new InvalidArgumentError('It takes whole seconds from 1 to 60.')
  return value
}

function namesOf(text: string): readonly string[] {
  const chosen = text.split(',')
  const unknown = chosen.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no attack ${unknown}; there are ${names.join(', ')}.`)
  return chosen
}
