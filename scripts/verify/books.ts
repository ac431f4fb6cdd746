import { type EndOffsets, lagsBehind, readEndOffsets, type ServiceName } from './consumer-lag.ts'
import type { MessagingBooks } from './messaging-books.ts'
import {
  type PaymentBooks,
  type PaymentMoment,
  readPaymentBooks,
  readPaymentMoment,
} from './payment-books.ts'
import { type PointBooks, readPointBooks } from './point-books.ts'
import { type ReservationBooks, readReservationBooks } from './reservation-books.ts'
import type { Sources } from './sources.ts'

/** All data that is judged, as it was read. */
export interface Books {
  /** Read before the participants: they have carried out every payment that is COMPLETED here. */
  readonly before: PaymentMoment
  readonly point: PointBooks
  readonly reservation: ReservationBooks
  /** Read after the participants: every effect of theirs has its reason here. */
  readonly after: PaymentBooks
  /** Undefined without brokers. */
  readonly ends: EndOffsets | undefined
}

/**
 * Reads each database in one snapshot, payment before and after the others. So the snapshots need not be simultaneous:
 * every effect has its cause in the later snapshot of payment, and every payment that is over in the earlier one has
 * its effects.
 *
 * @throws UnreadableError
 */
export async function readBooks(sources: Sources): Promise<Books> {
  const ends = sources.kafka?.brokers.length ? await readEndOffsets(sources.kafka) : undefined
  const before = await readPaymentMoment(sources.paymentDb)
  const [point, reservation] = await Promise.all([
    readPointBooks(sources.pointDb),
    readReservationBooks(sources.reservationDb),
  ])
  return { before, point, reservation, after: await readPaymentBooks(sources.paymentDb), ends }
}

/** The work in progress while the books were read, each in a few words; empty at rest. */
export function underWay({ before, point, reservation, after, ends }: Books): string[] {
  const busy: string[] = []
  const open = [...after.payments.values()].filter((payment) => !payment.final).length
  if (open > 0) busy.push(count(open, 'payment', 'not final'))
  if (before.transitions !== after.transitions) busy.push('payments changed while they were read')
  for (const [name, { messaging }] of byService({ payment: after, point, reservation })) {
    if (messaging.outboxRows > 0)
      busy.push(count(messaging.outboxRows, 'message', `in the outbox of ${name}`))
    const lags = ends ? lagsBehind(name, messaging.positions, ends).length : 0
    if (lags > 0) busy.push(count(lags, 'partition', `that ${name} has not read to the end`))
  }
  return busy
}

type Desks = Readonly<Record<ServiceName, { readonly messaging: MessagingBooks }>>

/** The three services' books in the order of the checkout. */
export function byService(desks: Desks): [ServiceName, { readonly messaging: MessagingBooks }][] {
  return [
    ['payment', desks.payment],
    ['point', desks.point],
    ['reservation', desks.reservation],
  ]
}

function count(number: number, noun: string, rest: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'} ${rest}`
}
