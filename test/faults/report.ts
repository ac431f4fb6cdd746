import { type Column, table } from '../../scripts/cli/table.ts'
import type { InvariantResult } from '../../scripts/verify/invariant.ts'
import { seconds } from './inject.ts'
import type { Judgement } from './judge.ts'
import type { Recovery } from './recovery.ts'

/** The result of a run. */
export interface Report extends Judgement {
  readonly seed: number
  readonly seconds: number
  readonly recoveries: readonly Recovery[]
  /** Processes that ended without being killed, each in a sentence. */
  readonly ended: readonly string[]
  /** The command that repeats the run. */
  readonly command: string
  /** Where the evidence was kept; undefined if the run passed. */
  readonly evidenceDir: string | undefined
}

/** The result as text: faults with their times, invariants, counts, verdict. */
export function describeReport(report: Report): string {
  const { ok, failed, unknown, payments, completed } = report.counts
  return [
    table(report.recoveries, recoveryColumns),
    '',
    table(report.results, resultColumns),
    ...report.results.flatMap((result) =>
      result.ok ? [] : ['', `✗ ${result.invariant}`, ...result.counterexamples.map((text) => `    ${text}`)],
    ),
    '',
    ...report.ended,
    `${ok} operations ok, ${failed} refused, ${unknown} unknown; ${payments} payments, ${completed} completed`,
    ...(report.evidenceDir === undefined
      ? []
      : [`evidence: ${report.evidenceDir}`, `to repeat: ${report.command}`]),
    `seed ${report.seed}, ${report.seconds} s of faults: ${report.verdict.toUpperCase()}`,
  ].join('\n')
}

const recoveryColumns: readonly Column<Recovery>[] = [
  { title: 'at', value: (row) => seconds(row.startedMs), right: true },
  { title: 'fault', value: (row) => row.fault },
  { title: 'target', value: (row) => row.target },
  { title: 'lasted', value: (row) => seconds(row.healedMs - row.startedMs), right: true },
  { title: 'no checkout for', value: (row) => seconds(row.stalledMs), right: true },
  { title: 'slowest checkout', value: (row) => optional(row.slowestMs), right: true },
  { title: 'next checkout after healing', value: (row) => optional(row.recoveredMs), right: true },
  { title: '', value: (row) => row.problem?.split('\n')[0] ?? '' },
]

const resultColumns: readonly Column<InvariantResult>[] = [
  { title: '', value: (row) => (row.skipped !== undefined ? '–' : row.ok ? '✓' : '✗') },
  { title: 'invariant', value: (row) => row.invariant },
  { title: '', value: (row) => row.skipped ?? row.details },
]

function optional(ms: number | undefined): string {
  return ms === undefined ? '–' : seconds(ms)
}
