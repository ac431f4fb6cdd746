import type { Operation } from '../history.ts'
import type { Seen } from '../load/watch.ts'
import { chargeName, holdName, isLost, stepName } from '../lost.ts'
import type { Checker } from './checker.ts'

/**
 * 7. What was answered stands in the books, and nobody is told later that it is otherwise. Of what was lost with its database
 * nobody knows: it was given and taken back if it was told before.
 */
export const answersKept: Checker = {
  id: 'answers-kept',
  invariant: 'An answer that was given is never taken back',
  counterexamples({ operations, payments, charges, reservations, transitions, lost }) {
    const faults: string[] = []
    const recorded = new Map(transitions.map((row) => [`${row.payment_id}/${row.sequence}`, row]))
    for (const operation of operations) {
      const { action, answer, outcome, endedMs } = operation
      const tell = (what: string): void => {
        faults.push(`${nameOf(operation)}: ${what}`)
      }
      if (outcome === 'ok' && action === 'charge' && !charges.has(String(answer?.transactionId))) {
        const name = chargeName(answer?.transactionId)
        if (!isLost(lost, name, endedMs)) tell(`${name} was answered and is not in the ledger`)
      }
      if (outcome === 'ok' && action === 'hold' && !reservations.has(String(answer?.reservationId))) {
        const name = holdName(answer?.reservationId)
        if (!isLost(lost, name, endedMs)) tell(`${name} was answered and does not exist`)
      }
      if (outcome === 'failed' && (action === 'get' || action === 'watch')) {
        const { paymentId } = operation.request
        if (!lost.has(stepName(String(paymentId), 1))) tell(`payment ${paymentId}: ${operation.error}`)
      }
      for (const seen of seenBy(operation)) {
        if (isLost(lost, stepName(seen.paymentId, seen.sequence), toldMs(operation, seen))) continue
        if (!payments.has(seen.paymentId)) {
          tell(`payment ${seen.paymentId} was shown and does not exist`)
          continue
        }
        const row = recorded.get(`${seen.paymentId}/${seen.sequence}`)
        if (row?.status === seen.status && row.refund === seen.refund) continue
        tell(
          `payment ${seen.paymentId} was shown ${seen.status} (refund ${seen.refund}) at ` +
            `sequence ${seen.sequence}, and its history says ${row?.status ?? 'nothing'} (refund ${row?.refund})`,
        )
      }
    }
    return faults
  },
}

/** The states of payments that an operation was told. */
export function seenBy({ action, answer }: Operation): readonly Seen[] {
  if (answer === undefined) return []
  if (action === 'watch') return answer.seen as readonly Seen[]
  return 'sequence' in answer ? [answer as unknown as Seen] : []
}

/** When a state was told: a stream notes it for each. */
export function toldMs({ endedMs, invokedMs }: Operation, seen: Seen): number {
  return (seen as { atMs?: number }).atMs ?? endedMs ?? invokedMs
}

export function nameOf({ nth, client, action }: Operation): string {
  return `operation ${nth} (${action} by ${client})`
}
