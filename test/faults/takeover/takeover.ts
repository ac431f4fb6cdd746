import { type Column, table } from '../../../scripts/cli/table.ts'
import { seconds } from '../inject.ts'
import type { World } from '../world.ts'
import type { SteadyLoad } from './steady-load.ts'

/** How long something took, and how long it may. */
export interface Takeover {
  readonly what: string
  /** Whose process it happened to. */
  readonly to: string
  readonly tookMs: number
  readonly limitMs: number
  /** What went wrong besides, in a sentence. */
  readonly problem?: string
}

export interface TakeoverParts {
  readonly world: World
  readonly load: SteadyLoad
  readonly say: (line: string) => void
}

export function isWithinLimits(taken: readonly Takeover[]): boolean {
  return taken.every((one) => one.tookMs <= one.limitMs && one.problem === undefined)
}

/** One line for each kind: the best, the middle and the worst of its times, and the limit. */
export function describeTakeovers(taken: readonly Takeover[]): string {
  const kinds = [...new Set(taken.map((one) => one.what))]
  const rows = kinds.map((what) => {
    const ofKind = taken.filter((one) => one.what === what)
    return {
      what,
      limitMs: ofKind[0]?.limitMs ?? 0,
      times: ofKind.map((one) => one.tookMs).sort((one, other) => one - other),
      ok: isWithinLimits(ofKind),
    }
  })
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { title: '', value: (row) => (row.ok ? '✓' : '✗') },
    { title: 'from the fault until', value: (row) => row.what },
    { title: 'times', value: (row) => String(row.times.length), right: true },
    { title: 'best', value: (row) => seconds(row.times[0] ?? 0), right: true },
    { title: 'median', value: (row) => seconds(row.times[row.times.length >> 1] ?? 0), right: true },
    { title: 'worst', value: (row) => seconds(row.times.at(-1) ?? 0), right: true },
    { title: 'limit', value: (row) => seconds(row.limitMs), right: true },
  ]
  const problems = taken.flatMap((one) => (one.problem ? [`✗ ${one.what}, ${one.to}: ${one.problem}`] : []))
  return [table(rows, columns), ...problems].join('\n')
}
