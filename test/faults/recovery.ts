import { answeredMs, seenBy } from './checkers/answers-kept.ts'
import type { Operation } from './history.ts'
import type { Injected } from './inject.ts'

/** The effect of a fault on customers. Times in milliseconds; undefined where no checkout completed any more. */
export interface Recovery extends Injected {
  /** The longest time in which no checkout completed, from the fault until {@link aftermathMs} after its healing. */
  readonly stalledMs: number
  /** The longest duration of a completed checkout that was under way or begun during the fault. */
  readonly slowestMs: number | undefined
  /** From the healing until the first checkout that began after it completed. */
  readonly recoveredMs: number | undefined
}

const aftermathMs = 10_000

interface Completion {
  readonly begunMs: number
  readonly completedMs: number
}

/** Measures for each fault how long no checkout completed, how slow checkouts were, and when they completed again. */
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
      const during = completions.filter(
        ({ begunMs, completedMs }) => begunMs <= healedMs && completedMs >= startedMs,
      )
      const next = completions
        .filter(({ begunMs }) => begunMs >= healedMs)
        .map(({ completedMs }) => completedMs)
      return {
        ...fault,
        stalledMs: longestGap(completions, startedMs, Math.min(healedMs + aftermathMs, endMs)),
        slowestMs: maxOf(during.map(({ begunMs, completedMs }) => completedMs - begunMs)),
        recoveredMs: next.length === 0 ? undefined : Math.min(...next) - healedMs,
      }
    })
}

/** When each completed checkout began, and when its user first received its completion. */
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
      const atMs = answeredMs(operation, seen)
      completed.set(seen.paymentId, Math.min(atMs, completed.get(seen.paymentId) ?? atMs))
    }
  }
  return [...completed]
    .map(([paymentId, completedMs]) => ({ begunMs: begun.get(paymentId) ?? completedMs, completedMs }))
    .sort((one, other) => one.completedMs - other.completedMs)
}

function longestGap(completions: readonly Completion[], fromMs: number, toMs: number): number {
  const times = completions.map(({ completedMs }) => completedMs).filter((ms) => ms > fromMs && ms < toMs)
  const marks = [fromMs, ...times, toMs]
  return Math.max(...marks.map((ms, index) => ms - (marks[index - 1] ?? ms)))
}

function maxOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}
