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

/** Everything that is judged, as it was read. */
export interface Books {
  /** Read before the participants: what COMPLETED here, they have done when they are read. */
  readonly before: PaymentMoment
  readonly point: PointBooks
  readonly reservation: ReservationBooks
  /** Read after the participants: for what they have done, the reason stands here. */
  readonly after: PaymentBooks
  /** Undefined without brokers. */
  readonly ends: EndOffsets | undefined
}

/**
 * Reads each database at one moment, payment before and after the others. So no moment has to be common to all: an effect
 * that is seen has its cause in what was read later, and what is over has its effects there.
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

/** What was under way while the books were read, each in a few words; empty at rest. */
export function underWay({ before, point, reservation, after, ends }: Books): string[] {
  const busy: string[] = []
  const open = [...after.payments.values()].filter((payment) => !payment.final).length
  if (open > 0) busy.push(count(open, 'payment', 'not final'))
  if (before.transitions !== after.transitions) busy.push('payments went on while they were read')
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
