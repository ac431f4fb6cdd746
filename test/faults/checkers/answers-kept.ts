import type { Operation } from '../history.ts'
import type { Seen } from '../load/watch.ts'
import { chargeName, holdName, isLost, stepName } from '../lost.ts'
import type { Checker } from './checker.ts'

/**
 * 7. What was answered is in the databases, and no later answer contradicts it. An answer from before the loss of a
 * database is not judged: what it said may have been lost.
 */
export const answersKept: Checker = {
  id: 'answers-kept',
  invariant: 'What a client was answered stays true',
  counterexamples({ operations, payments, charges, reservations, transitions, lost }) {
    const violations: string[] = []
    const recorded = new Map(transitions.map((row) => [`${row.payment_id}/${row.sequence}`, row]))
    for (const operation of operations) {
      const { action, answer, outcome, endedMs } = operation
      const report = (what: string): void => {
        violations.push(`${nameOf(operation)}: ${what}`)
      }
      if (outcome === 'ok' && action === 'charge' && !charges.has(String(answer?.transactionId))) {
        const name = chargeName(answer?.transactionId)
        if (!isLost(lost, name, endedMs)) report(`${name} was answered but is not in the ledger`)
      }
      if (outcome === 'ok' && action === 'hold' && !reservations.has(String(answer?.reservationId))) {
        const name = holdName(answer?.reservationId)
        if (!isLost(lost, name, endedMs)) report(`${name} was answered but does not exist`)
      }
      if (outcome === 'failed' && (action === 'get' || action === 'watch')) {
        const { paymentId } = operation.request
        if (!lost.has(stepName(String(paymentId), 1))) report(`payment ${paymentId}: ${operation.error}`)
      }
      for (const seen of seenBy(operation)) {
        if (isLost(lost, stepName(seen.paymentId, seen.sequence), answeredMs(operation, seen))) continue
        if (!payments.has(seen.paymentId)) {
          report(`payment ${seen.paymentId} was shown but does not exist`)
          continue
        }
        const row = recorded.get(`${seen.paymentId}/${seen.sequence}`)
        if (row?.status === seen.status && row.refund === seen.refund) continue
        report(
          `payment ${seen.paymentId} was shown ${seen.status} (refund ${seen.refund}) at ` +
            `sequence ${seen.sequence}, but its history has ${row?.status ?? 'nothing'} (refund ${row?.refund})`,
        )
      }
    }
    return violations
  },
}

/** The payment states in the answer to an operation. */
export function seenBy({ action, answer }: Operation): readonly Seen[] {
  if (answer === undefined) return []
  if (action === 'watch') return answer.seen as readonly Seen[]
  return 'sequence' in answer ? [answer as unknown as Seen] : []
}

/** When a state was received. A stream records the time of each state. */
export function answeredMs({ endedMs, invokedMs }: Operation, seen: Seen): number {
  return (seen as { atMs?: number }).atMs ?? endedMs ?? invokedMs
}

export function nameOf({ nth, client, action }: Operation): string {
  return `operation ${nth} (${action} by ${client})`
}
