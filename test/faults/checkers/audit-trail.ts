import type { Evidence } from '../evidence.ts'
import type { Seen } from '../load/watch.ts'
import type { Checker } from './checker.ts'

/** 6. Whoever reads payment-events and drops repeats follows each payment from its beginning to its end. */
export const auditTrail: Checker = {
  id: 'payment-events-tell-the-history',
  invariant: "payment-events tells each payment's history, in order and without a gap",
  counterexamples(evidence) {
    const told = toldBy(evidence)
    const faults: string[] = []
    for (const [paymentId, history] of historiesOf(evidence)) {
      const trail = (told.get(paymentId) ?? []).map(stepOf)
      if (trail.join(', ') === history.join(', ')) continue
      faults.push(
        `payment ${paymentId}: payment-events tells ${trail.join(', ')}; it went ${history.join(', ')}`,
      )
    }
    return faults
  },
}

/** The events of each payment in the order of their first delivery. */
function toldBy({ records }: Evidence): Map<string, Seen[]> {
  const told = new Map<string, Seen[]>()
  const known = new Set<string>()
  // A payment's are in one partition, and so in their order.
  for (const { topic, payment, messageId } of records) {
    if (topic !== 'payment-events') continue
    if (payment === undefined || known.has(messageId)) continue
    known.add(messageId)
    const own = told.get(payment.paymentId) ?? []
    told.set(payment.paymentId, own)
    own.push(payment)
  }
  return told
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
