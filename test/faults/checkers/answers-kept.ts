import type { Operation } from '../history.ts'
import type { Seen } from '../load/watch.ts'
import type { Checker } from './checker.ts'

/** 7. What was answered stands in the books, and nobody is told later that it is otherwise. */
export const answersKept: Checker = {
  id: 'answers-kept',
  invariant: 'An answer that was given is never taken back',
  counterexamples({ operations, payments, charges, reservations, transitions }) {
    const faults: string[] = []
    const recorded = new Map(transitions.map((row) => [`${row.payment_id}/${row.sequence}`, row]))
    for (const operation of operations) {
      const { action, answer, outcome } = operation
      if (outcome === 'ok' && action === 'charge' && !charges.has(String(answer?.transactionId))) {
        faults.push(
          `${nameOf(operation)}: charge ${answer?.transactionId} was answered and is not in the ledger`,
        )
      }
      if (outcome === 'ok' && action === 'hold' && !reservations.has(String(answer?.reservationId))) {
        faults.push(`${nameOf(operation)}: hold ${answer?.reservationId} was answered and does not exist`)
      }
      if (outcome === 'failed' && (action === 'get' || action === 'watch')) {
        faults.push(`${nameOf(operation)}: payment ${operation.request.paymentId}: ${operation.error}`)
      }
      for (const seen of seenBy(operation)) {
        if (!payments.has(seen.paymentId)) {
          faults.push(`${nameOf(operation)}: payment ${seen.paymentId} was shown and does not exist`)
          continue
        }
        const row = recorded.get(`${seen.paymentId}/${seen.sequence}`)
        if (row?.status === seen.status && row.refund === seen.refund) continue
        faults.push(
          `${nameOf(operation)}: payment ${seen.paymentId} was shown ${seen.status} (refund ${seen.refund}) at ` +
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

export function nameOf({ nth, client, action }: Operation): string {
  return `operation ${nth} (${action} by ${client})`
}
