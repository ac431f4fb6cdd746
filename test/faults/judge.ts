import { type InvariantResult, judge } from '../../scripts/verify/invariant.ts'
import { allCheckers } from './checkers/all-checkers.ts'
import { type Evidence, restMsMax } from './evidence.ts'
import { finalMsMax } from './time-until-final.ts'

/** The operations of a run, counted. */
export interface Counts {
  readonly ok: number
  readonly failed: number
  readonly unknown: number
  /** Payments that completed. */
  readonly completed: number
  readonly payments: number
}

export interface Judgement {
  /** `invalid`: too few payments completed for the run to prove anything. */
  readonly verdict: 'passed' | 'failed' | 'invalid'
  readonly results: readonly InvariantResult[]
  readonly counts: Counts
}

const atRest = {
  id: 'at-rest-in-time',
  invariant: `Everything is at rest within ${restMsMax / 1_000} s after the last fault was healed`,
}

const finalInTime = {
  id: 'final-in-time',
  invariant: `Every payment is final within ${finalMsMax / 1_000} s after the last fault was healed`,
}

/**
 * Runs every checker. A run with fewer completed payments than `completedMin` proves nothing.
 *
 * @param finalAfterMs - time from the healing until the last payment from before it was final; undefined if that took
 *   too long
 */
export function judgeRun(
  evidence: Evidence,
  finalAfterMs: number | undefined,
  completedMin: number,
): Judgement {
  const counts = countsOf(evidence)
  const results = [
    finalAfterMs === undefined
      ? judge(finalInTime, '', ['payments from before the healing are still under way'])
      : judge(finalInTime, `the last one after ${(finalAfterMs / 1_000).toFixed(1)} s`, []),
    judge(atRest, `${counts.payments} payments`, evidence.verdict.underWay),
    ...evidence.verdict.results,
    ...allCheckers.map((checker) =>
      judge(checker, `${evidence.records.length} records`, checker.counterexamples(evidence)),
    ),
  ]
  const broken = results.some((result) => !result.ok)
  const verdict = broken ? 'failed' : counts.completed < completedMin ? 'invalid' : 'passed'
  return { verdict, results, counts }
}

function countsOf({ operations, payments }: Evidence): Counts {
  const count = (outcome: string) => operations.filter((operation) => operation.outcome === outcome).length
  return {
    ok: count('ok'),
    failed: count('failed'),
    unknown: count('unknown') + count('invoked'),
    completed: [...payments.values()].filter((payment) => payment.status === 'COMPLETED').length,
    payments: payments.size,
  }
}
