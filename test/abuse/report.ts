import { type Column, table } from '../../scripts/cli/table.ts'
import type { AbuseReport, AttackReport } from './run.ts'
import { slowdownMax, slowdownOf } from './slowdown.ts'

/** What went wrong under the attacks, each in a sentence; empty if the system passed. */
export function problemsOf({ attacks, ended, books }: AbuseReport): string[] {
  return [
    ...ended,
    ...attacks.flatMap(({ attack, gotThrough }) => gotThrough.map((what) => `${attack.name}: ${what}`)),
    ...attacks.flatMap(({ attack, served }) =>
      [...new Set(served.refusals)].map((refusal) => `${attack.name}: a customer was not served: ${refusal}`),
    ),
    ...attacks
      .filter(({ rounds }) => slowdownOf(rounds) > slowdownMax)
      .map(({ attack, rounds }) => {
        const times = rounds.map((round) => `${ms(round.attackedP99Ms)} instead of ${ms(round.quietP99Ms)}`)
        return `${attack.name}: the customers' p99 is ${times.join(', ')}`
      }),
    ...books.underWay.map((what) => `not at rest afterwards: ${what}`),
    ...books.results.filter(({ ok }) => !ok).map(({ invariant }) => `broken invariant: ${invariant}`),
  ]
}

/** A line for each attack: what it tried, how the system answered, and how the customers were served. */
export function describeAbuse(report: AbuseReport): string {
  const undisturbedMs = report.undisturbed.latencyMs
  const columns: readonly Column<AttackReport>[] = [
    { title: '', value: (row) => (row.gotThrough.length === 0 ? '✓' : '✗') },
    { title: 'attack', value: ({ attack }) => attack.name },
    { title: 'tried', value: ({ attack }) => attack.tries },
    { title: "customers' p50", value: ({ served }) => ms(served.latencyMs.p50), right: true },
    { title: 'p99', value: ({ served }) => ms(served.latencyMs.p99), right: true },
    {
      title: 'slower',
      value: ({ rounds }) => `× ${slowdownOf(rounds).toFixed(1)}`,
      right: true,
    },
    { title: 'rounds', value: ({ rounds }) => String(rounds.length), right: true },
    { title: 'answers', value: ({ answers }) => answersOf(answers) },
  ]
  return [
    table(report.attacks, columns),
    `without an attack: p50 ${ms(undisturbedMs.p50)}, p99 ${ms(undisturbedMs.p99)} of ${report.undisturbed.calls} calls`,
  ].join('\n')
}

const answersMax = 4

function answersOf(answers: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(answers).sort(([, one], [, other]) => other - one)
  const listed = sorted.slice(0, answersMax).map(([name, count]) => `${count} ${name}`)
  if (sorted.length > answersMax) listed.push(`${sorted.length - answersMax} other kinds`)
  return listed.join(', ')
}

function ms(value: number): string {
  return `${Math.round(value)} ms`
}
