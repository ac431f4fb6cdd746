import { type Column, table } from '../../../scripts/cli/table.ts'
import { seconds } from '../inject.ts'
import type { World } from '../world.ts'
import type { SteadyLoad } from './steady-load.ts'

/** How long a takeover took, and how long it may take. */
export interface Takeover {
  readonly what: string
  /** The name of the process that failed. */
  readonly to: string
  readonly tookMs: number
  readonly limitMs: number
  /** What else went wrong, in a sentence. */
  readonly problem?: string
}

export interface TakeoverParts {
  readonly world: World
  readonly load: SteadyLoad
  readonly say: (line: string) => void
}

export function isWithinLimits(takeovers: readonly Takeover[]): boolean {
  return takeovers.every(({ tookMs, limitMs, problem }) => tookMs <= limitMs && problem === undefined)
}

/** One line for each kind: its best, median and worst time, and the limit. */
export function describeTakeovers(takeovers: readonly Takeover[]): string {
  const kinds = [...new Set(takeovers.map((takeover) => takeover.what))]
  const rows = kinds.map((what) => {
    const ofKind = takeovers.filter((takeover) => takeover.what === what)
    return {
      what,
      limitMs: ofKind[0]?.limitMs ?? 0,
      times: ofKind.map(({ tookMs }) => tookMs).sort((one, other) => one - other),
      ok: isWithinLimits(ofKind),
    }
  })
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { title: '', value: (row) => (row.ok ? '✓' : '✗') },
    { title: 'from the fault until', value: (row) => row.what },
    { title: 'measured', value: (row) => String(row.times.length), right: true },
    { title: 'best', value: (row) => seconds(row.times[0] ?? 0), right: true },
    { title: 'median', value: (row) => seconds(row.times[row.times.length >> 1] ?? 0), right: true },
    { title: 'worst', value: (row) => seconds(row.times.at(-1) ?? 0), right: true },
    { title: 'limit', value: (row) => seconds(row.limitMs), right: true },
  ]
  const problems = takeovers.flatMap(({ what, to, problem }) =>
    problem ? [`✗ ${what}, ${to}: ${problem}`] : [],
  )
  return [table(rows, columns), ...problems].join('\n')
}
