import { deriveMessageId } from '@boxoffice/messaging'
import {
  acceptPayment,
  isFinal,
  type Order,
  type Payment,
  type Status,
  statusOf,
} from '../../services/payment/src/domain/payment.ts'
import { type Command, decide, type SagaMessage } from '../../services/payment/src/domain/saga.ts'
import type { Message } from './message-log.ts'
import type { Database, ServiceOptions } from './service.ts'

export interface PaymentBooks {
  readonly payments: Map<string, Payment>
  readonly histories: Map<string, readonly Status[]>
}

const paymentTopics = ['point-events', 'reservation-events']

export function paymentOptions(hasInbox: boolean): ServiceOptions<PaymentBooks> {
  return {
    name: 'payment',
    topics: paymentTopics,
    hasInbox,
    books: { payments: new Map(), histories: new Map() },
    copyBooks: ({ payments, histories }) => ({ payments: new Map(payments), histories: new Map(histories) }),
    handle: (books, message) => {
      const payment = books.payments.get(message.paymentId)
      if (payment === undefined) throw new Error(`an answer for the unknown ${message.paymentId}`)
      return advance(books, payment, message.body as SagaMessage, message.id, new Date(0))
    },
  }
}

/** Accepts a payment, unless one of its user for its reservation is under way or has completed. The same id is accepted once. */
export function startPayment({ books, outbox }: Database<PaymentBooks>, wanted: Order, deadline: Date): void {
  const inTheWay = [...books.payments.values()].some(
    (one) =>
      one.reservationId === wanted.reservationId &&
      one.userId === wanted.userId &&
      statusOf(one) !== 'FAILED',
  )
  if (books.payments.has(wanted.paymentId) || inTheWay) return
  const payment = acceptPayment(wanted, new Date(0), deadline)
  books.payments.set(payment.paymentId, payment)
  books.histories.set(payment.paymentId, ['PENDING'])
  outbox.push(command(payment, 'USE_POINTS', startedBy(payment)))
}

/** What a user or a timer starts. */
export function startStep(
  { books, outbox }: Database<PaymentBooks>,
  paymentId: string,
  message: SagaMessage,
  now: Date,
): void {
  const payment = books.payments.get(paymentId)
  if (payment !== undefined) outbox.push(...advance(books, payment, message, undefined, now))
}

function advance(
  books: PaymentBooks,
  payment: Payment,
  message: SagaMessage,
  cause: string | undefined,
  now: Date,
): Message[] {
  const decision = decide(payment, message, now)
  if (decision.type === 'CONTRADICTION') throw new Error(`${payment.paymentId}: ${decision.why}`)
  if (decision.type === 'UNCHANGED') return []
  const next = decision.payment
  if (isFinal(payment) && statusOf(next) !== statusOf(payment)) {
    throw new Error(`${payment.paymentId} was final and became ${statusOf(next)}`)
  }
  books.payments.set(next.paymentId, next)
  if (decision.type === 'CHANGED') {
    books.histories.set(next.paymentId, [...(books.histories.get(next.paymentId) ?? []), statusOf(next)])
  }
  return decision.command === undefined ? [] : [command(next, decision.command, cause ?? startedBy(next))]
}

function startedBy({ paymentId, attempt }: Payment): string {
  return `${paymentId}/${attempt}`
}

function command(payment: Payment, type: Command, cause: string): Message {
  const { paymentId, userId, reservationId, amount } = payment
  const isForSeats = type === 'CONFIRM_SEATS'
  return {
    id: deriveMessageId(type, cause),
    type,
    topic: isForSeats ? 'reservation-commands' : 'point-commands',
    key: isForSeats ? reservationId : userId,
    paymentId,
    body: { paymentId, userId, reservationId, amount },
  }
}
