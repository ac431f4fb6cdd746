import { rushCallers } from './calls.ts'
import type { Measurement } from './closed-loop.ts'
import type { BenchOptions, LoadName } from './options.ts'
import type { Report } from './report.ts'
import { mark, row } from './table-lines.ts'
import { type LoadTarget, loadTargets } from './targets.ts'

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
    `✔ and ✘: ${Object.entries(loadTargets).map(targetText).join('; ')}`,
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

/** A mark for each figure that has a target. */
function verdicts(name: LoadName | 'relay', perSecond: number, { p50, p99 }: Measurement['latencyMs']) {
  const target = loadTargets[name]
  return {
    perSecond: verdict(perSecond, target?.perSecond, 'at least'),
    p50: verdict(p50, target?.p50Ms, 'at most'),
    p99: verdict(p99, target?.p99Ms, 'at most'),
  }
}

function verdict(figure: number, target: number | undefined, bound: 'at least' | 'at most'): string {
  if (target === undefined) return ''
  return ` ${mark(bound === 'at least' ? figure >= target : figure <= target)}`
}

function targetText([name, { perSecond, p50Ms, p99Ms }]: [string, LoadTarget]): string {
  const parts = [
    perSecond !== undefined && `${perSecond}/s`,
    p50Ms !== undefined && `p50 ${p50Ms} ms`,
    p99Ms !== undefined && `p99 ${p99Ms} ms`,
  ]
  return `${name} ${parts.filter(Boolean).join(', ')}`
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
