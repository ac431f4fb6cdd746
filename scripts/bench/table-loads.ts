import { rushCallers } from './calls.ts'
import type { Measurement } from './closed-loop.ts'
import type { BenchOptions, LoadName } from './options.ts'
import type { Report } from './report.ts'
import { mark, row } from './table-lines.ts'
import { targets } from './targets.ts'

const nameWidth = 46

/** Renders the calls per second of each scenario, and how long its calls took. */
export function renderLoads({ options, loads }: Report): string[] {
  const names = Object.keys(loads) as (LoadName | 'relay')[]
  if (names.length === 0) return []
  return [
    row('', ['a second', 'p50 ms', 'p99 ms', 'max ms'], nameWidth),
    ...names.flatMap((name) => {
      const measurement = loads[name]
      return measurement ? renderLoad(name, measurement, options) : []
    }),
    `✔ and ✘: rate at most ${targets.rateP50Ms} and ${targets.rateP99Ms} ms, full at least ${targets.checkoutsPerSecond}/s, ` +
      `relay at least ${targets.relayRowsPerSecond}/s and at most ${targets.relayP50Ms} ms`,
  ]
}

function renderLoad(name: LoadName | 'relay', measurement: Measurement, options: BenchOptions): string[] {
  const { calls, seconds, latencyMs, answerMs } = measurement
  const perSecond = calls / seconds
  const reached = verdicts(name, perSecond, latencyMs)
  const figures = [
    `${perSecond.toFixed(0)}${reached.perSecond}`,
    `${latencyMs.p50.toFixed(1)}${reached.p50}`,
    `${latencyMs.p99.toFixed(1)}${reached.p99}`,
    latencyMs.max.toFixed(1),
  ]
  const answers = answerMs && ['', ...[answerMs.p50, answerMs.p99, answerMs.max].map((ms) => ms.toFixed(1))]
  return [
    row(`${name.padEnd(8)} ${describe(name, options)}`, figures, nameWidth),
    ...(answers ? [row(`${''.padEnd(8)} until a call is answered`, answers, nameWidth)] : []),
  ]
}

function verdicts(name: LoadName | 'relay', perSecond: number, { p50, p99 }: Measurement['latencyMs']) {
  const none = { perSecond: '', p50: '', p99: '' }
  switch (name) {
    case 'rate':
      return { ...none, p50: verdict(p50 <= targets.rateP50Ms), p99: verdict(p99 <= targets.rateP99Ms) }
    case 'full':
      return { ...none, perSecond: verdict(perSecond >= targets.checkoutsPerSecond) }
    case 'relay':
      return {
        ...none,
        perSecond: verdict(perSecond >= targets.relayRowsPerSecond),
        p50: verdict(p50 <= targets.relayP50Ms),
      }
    default:
      return none
  }
}

function verdict(reached: boolean): string {
  return ` ${mark(reached)}`
}

function describe(name: LoadName | 'relay', { rate, seconds, callers, checkouts }: BenchOptions): string {
  switch (name) {
    case 'rate':
      return `${rate} checkouts/s for ${seconds} s`
    case 'full':
      return `${callers} callers, ${checkouts} checkouts`
    case 'burst':
      return `${callers} callers submit ${checkouts}`
    case 'holds':
      return `${callers} callers, ${checkouts} seats`
    case 'rush':
      return `${rushCallers} callers, one seat: refusals`
    case 'charges':
      return `${callers} callers, ${checkouts} charges`
    case 'relay':
      return 'eight writers; latency at 300 rows/s'
  }
}
