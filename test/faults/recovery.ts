import { seenBy, toldMs } from './checkers/answers-kept.ts'
import type { Operation } from './history.ts'
import type { Injected } from './inject.ts'

/** How the customers felt a fault. Times in milliseconds; undefined where nothing completed any more. */
export interface Recovery extends Injected {
  /** The longest time in which no checkout completed, from the fault until {@link aftermathMs} after its healing. */
  readonly stalledMs: number
  /** The longest that a checkout took which was under way or begun during the fault, and completed. */
  readonly slowestMs: number | undefined
  /** From the healing until a checkout that was begun after it had completed. */
  readonly recoveredMs: number | undefined
}

const aftermathMs = 10_000

interface Completion {
  readonly begunMs: number
  readonly completedMs: number
}

/** Measures, for each fault, how long checkouts stood still, how slow they were, and when they went on. */
export function measureRecovery(
  operations: readonly Operation[],
  faults: readonly Injected[],
  endMs: number,
): Recovery[] {
  const completions = completionsOf(operations)
  return faults
    .toSorted((one, other) => one.startedMs - other.startedMs)
    .map((fault) => {
      const { startedMs, healedMs } = fault
      const during = completions.filter((one) => one.begunMs <= healedMs && one.completedMs >= startedMs)
      const next = completions.filter((one) => one.begunMs >= healedMs).map((one) => one.completedMs)
      return {
        ...fault,
        stalledMs: longestGap(completions, startedMs, Math.min(healedMs + aftermathMs, endMs)),
        slowestMs: maxOf(during.map((one) => one.completedMs - one.begunMs)),
        recoveredMs: next.length === 0 ? undefined : Math.min(...next) - healedMs,
      }
    })
}

/** When each completed checkout was begun, and when its user first heard of its completion. */
function completionsOf(operations: readonly Operation[]): Completion[] {
  const begun = new Map<string, number>()
  const completed = new Map<string, number>()
  for (const operation of operations) {
    const { action, request, invokedMs } = operation
    const requestId = String(request.requestId)
    if (action === 'checkout' && !begun.has(requestId)) begun.set(requestId, invokedMs)
    for (const seen of seenBy(operation)) {
      if (action === 'checkout') begun.set(seen.paymentId, begun.get(requestId) ?? invokedMs)
      if (seen.status !== 'COMPLETED') continue
      const atMs = toldMs(operation, seen)
      completed.set(seen.paymentId, Math.min(atMs, completed.get(seen.paymentId) ?? atMs))
    }
  }
  return [...completed]
    .map(([paymentId, completedMs]) => ({ begunMs: begun.get(paymentId) ?? completedMs, completedMs }))
    .sort((one, other) => one.completedMs - other.completedMs)
}

function longestGap(completions: readonly Completion[], fromMs: number, toMs: number): number {
  const times = completions.map((one) => one.completedMs).filter((ms) => ms > fromMs && ms < toMs)
  const marks = [fromMs, ...times, toMs]
  return Math.max(...marks.map((ms, index) => ms - (marks[index - 1] ?? ms)))
}

function maxOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}
