import { type Payment, statusOf } from './payment.ts'

/** What has to be written so that the database knows what was published. */
export interface RestoredPayments {
  /** As they stand by now; first those that have failed, so that they are not in the way of another of their user and reservation. */
  readonly payments: readonly Payment[]
  /** Each payment as it stood after a transition that was not known, in the order of their sequences. */
  readonly transitions: readonly Payment[]
  /** Facts that were not known. */
  readonly applied: number
  readonly contradictions: readonly string[]
}

/**
 * Takes what was published of payments over what is known of them: each state is the whole payment, and counts its
 * transitions, so that the latest is all there is to know.
 *
 * @param known - by their ids, all that have not failed of the reservations that the facts are about
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
    payments: [...payments.filter((one) => !hasNotFailed(one)), ...payments.filter(hasNotFailed)],
    transitions: keptTransitions,
    applied: keptTransitions.length - gaps.length,
    contradictions: [...gaps, ...collisions],
  }
}

/** One state a sequence: the first that was published. */
function bySequence(states: readonly Payment[]): Payment[] {
  const first = new Map<number, Payment>()
  for (const state of states) if (!first.has(state.sequence)) first.set(state.sequence, state)
  return [...first.values()].sort((one, other) => one.sequence - other.sequence)
}

function withAttempt(payment: Payment, before: Payment | undefined): Payment {
  return { ...payment, attempt: before?.attempt ?? payment.attempt }
}

/** What one payment at the most is for that has not failed: a reservation, by a user. */
function purchaseOf({ reservationId, userId }: Payment): string {
  return `${reservationId} ${userId}`
}

function hasNotFailed(payment: Payment): boolean {
  return statusOf(payment) !== 'FAILED'
}
