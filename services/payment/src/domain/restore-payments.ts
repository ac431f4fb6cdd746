import { type Payment, statusOf } from './payment.ts'

/** The rows to write so that the database knows what was published. */
export interface RestoredPayments {
  /** The latest states. Failed payments come first, so they do not block another of their user and reservation. */
  readonly payments: readonly Payment[]
  /** Each payment as it was after a transition that was not stored, in the order of the sequences. */
  readonly transitions: readonly Payment[]
  /** The number of published states that were not stored. */
  readonly applied: number
  readonly contradictions: readonly string[]
}

/**
 * Compares the published states of payments with the stored ones. Each state is the whole payment and numbers its
 * transitions, so the latest one replaces all before it.
 *
 * @param known - the payments that the facts are about, and the unfailed ones of their reservations, by id
 */
export function restorePayments(
  known: ReadonlyMap<string, Payment>,
  facts: readonly Payment[],
): RestoredPayments {
  const gaps: string[] = []
  const collisions: string[] = []
  const transitions: Payment[] = []
  const latest: Payment[] = []
  const unfailed = new Map(
    [...known.values()].filter(hasNotFailed).map((payment) => [purchaseOf(payment), payment.paymentId]),
  )
  for (const [paymentId, states] of Map.groupBy(facts, (fact) => fact.paymentId)) {
    const before = known.get(paymentId)
    const missing = bySequence(states).filter((state) => state.sequence > (before?.sequence ?? 0))
    const last = missing.at(-1)
    if (last === undefined) continue
    if (missing.length !== last.sequence - (before?.sequence ?? 0)) {
      gaps.push(
        `payment ${paymentId} has a history that was published in part before: restore from further back`,
      )
    }
    transitions.push(...missing)
    latest.push(withAttempt(last, before))
    if (unfailed.get(purchaseOf(last)) === paymentId) unfailed.delete(purchaseOf(last))
  }
  const payments = latest.filter((payment) => {
    if (!hasNotFailed(payment)) return true
    const other = unfailed.get(purchaseOf(payment))
    if (other === undefined) {
      unfailed.set(purchaseOf(payment), payment.paymentId)
      return true
    }
    collisions.push(
      `payment ${payment.paymentId} is ${statusOf(payment)}, and payment ${other} of the same user for the same reservation has not failed`,
    )
    return false
  })
  const kept = new Set(payments.map((payment) => payment.paymentId))
  const keptTransitions = transitions.filter((payment) => kept.has(payment.paymentId))
  return {
    payments: [...payments.filter((payment) => !hasNotFailed(payment)), ...payments.filter(hasNotFailed)],
    transitions: keptTransitions,
    applied: keptTransitions.length - gaps.length,
    contradictions: [...gaps, ...collisions],
  }
}

/** One state for each sequence: the first that was published. */
function bySequence(states: readonly Payment[]): Payment[] {
  const first = new Map<number, Payment>()
  for (const state of states) if (!first.has(state.sequence)) first.set(state.sequence, state)
  return [...first.values()].sort((left, right) => left.sequence - right.sequence)
}

function withAttempt(payment: Payment, before: Payment | undefined): Payment {
  return { ...payment, attempt: before?.attempt ?? payment.attempt }
}

/** The reservation and its user. At most one payment for both has not failed. */
function purchaseOf({ reservationId, userId }: Payment): string {
  return `${reservationId} ${userId}`
}

function hasNotFailed(payment: Payment): boolean {
  return statusOf(payment) !== 'FAILED'
}
