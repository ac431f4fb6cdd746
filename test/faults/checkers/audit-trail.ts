import type { Evidence } from '../evidence.ts'
import type { Seen } from '../load/watch.ts'
import type { Checker } from './checker.ts'

/** 6. A reader of payment-events that drops repeats sees each payment from its beginning to its end. */
export const auditTrail: Checker = {
  id: 'payment-events-hold-the-history',
  invariant: "payment-events holds each payment's history, in order and without a gap",
  counterexamples(evidence) {
    const published = publishedStates(evidence)
    const violations: string[] = []
    for (const [paymentId, history] of historiesOf(evidence)) {
      const trail = (published.get(paymentId) ?? []).map(stepOf)
      if (trail.join(', ') === history.join(', ')) continue
      violations.push(
        `payment ${paymentId}: payment-events holds ${trail.join(', ')}; its history is ${history.join(', ')}`,
      )
    }
    return violations
  },
}

/** The events of each payment in the order of their first delivery. */
function publishedStates({ records }: Evidence): Map<string, Seen[]> {
  const states = new Map<string, Seen[]>()
  const known = new Set<string>()
  // All events of a payment are in one partition, and so in order.
  for (const { topic, payment, messageId } of records) {
    if (topic !== 'payment-events') continue
    if (payment === undefined || known.has(messageId)) continue
    known.add(messageId)
    const own = states.get(payment.paymentId) ?? []
    states.set(payment.paymentId, own)
    own.push(payment)
  }
  return states
}

function historiesOf({ transitions }: Evidence): Map<string, string[]> {
  const histories = new Map<string, string[]>()
  for (const row of transitions) {
    const own = histories.get(row.payment_id) ?? []
    histories.set(row.payment_id, own)
    own.push(stepOf(row))
  }
  return histories
}

function stepOf({ sequence, status, refund }: Pick<Seen, 'sequence' | 'status' | 'refund'>): string {
  return `${sequence} ${status} ${refund}`
}
