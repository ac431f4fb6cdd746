import {
  type CallTables,
  copyCallTables,
  emptyCallTables,
  memoryCallStore,
} from '@boxoffice/common/testing/memory-calls.ts'
import { type KnownReservation, latestOfEach } from '../domain/known-reservation.ts'
import {
  acceptPayment,
  type CheckoutRefusal,
  type Order,
  type Payment,
  type Status,
  statusOf,
} from '../domain/payment.ts'
import type { PaymentStore } from '../storage/payment-store.ts'

/** The payment service's tables in memory. */
export interface PaymentTables extends CallTables {
  readonly payments: Map<string, Payment>
  /** When open questions are sent again, by payment. */
  readonly askAgainAt: Map<string, Date>
  /** The traces of the calls that asked for payments. */
  readonly traces: Map<string, string>
  readonly histories: Map<string, readonly Status[]>
  readonly reservations: Map<string, KnownReservation>
}

/** The store on tables in memory. A transaction works on a copy. The store enforces the tables' constraints. */
export function memoryPaymentStore(clock: () => Date): PaymentStore<PaymentTables> {
  const due = (tables: PaymentTables, ids: readonly string[], limit: number) =>
    ids.slice(0, limit).map((paymentId) => ({ paymentId, traceparent: tables.traces.get(paymentId) ?? null }))
  return {
    ...memoryCallStore,
    async lock({ payments }, paymentIds) {
      return {
        states: new Map(chosen(payments, paymentIds).map((payment) => [payment.paymentId, payment])),
        now: clock(),
      }
    },
    async save(tables, scheduled, transitions) {
      for (const { state, wakeups } of scheduled) {
        tables.payments.set(state.paymentId, state)
        if (wakeups.askAgainInMs === null) tables.askAgainAt.delete(state.paymentId)
        else tables.askAgainAt.set(state.paymentId, after(clock(), wakeups.askAgainInMs))
      }
      for (const payment of transitions) addTransition(tables, payment)
    },
    async insert(tables, wanted, { askAgainInMs, giveUpInMs }) {
      const accepted = new Map<string, Payment>()
      const refused = new Map<string, CheckoutRefusal>()
      // One time for all that a transaction writes, as PostgreSQL's now().
      const now = clock()
      for (const order of wanted) {
        const { paymentId, traceparent } = order
        const refusal = refusalOf(tables, order, now)
        if (refusal !== undefined) refused.set(paymentId, refusal)
        else if (!tables.payments.has(paymentId) && !isInTheWay(tables, order)) {
          const payment = acceptPayment(order, now, after(now, giveUpInMs))
          accepted.set(paymentId, payment)
          tables.payments.set(paymentId, payment)
          tables.askAgainAt.set(paymentId, after(now, askAgainInMs))
          tables.traces.set(paymentId, traceparent)
          addTransition(tables, payment)
        }
      }
      return { accepted, refused }
    },
    find: async ({ payments }, paymentIds) => chosen(payments, paymentIds),
    async findOwn({ payments }, { paymentId, userId }) {
      const payment = payments.get(paymentId)
      return payment?.userId === userId ? payment : null
    },
    async saveReservations({ reservations }, published) {
      for (const reservation of latestOfEach(published)) {
        const known = reservations.get(reservation.reservationId)
        if (known === undefined) reservations.set(reservation.reservationId, reservation)
        else if (known.version < reservation.version) {
          const { state, heldUntil, version } = reservation
          reservations.set(reservation.reservationId, { ...known, state, heldUntil, version })
        }
      }
    },
    async lockUnanswered(tables, limit) {
      const now = clock()
      const ids = [...tables.askAgainAt].filter(([, time]) => time <= now).map(([paymentId]) => paymentId)
      return due(tables, ids.sort(), limit)
    },
    async readOverdueCutoff({ payments }) {
      const now = clock()
      return [...payments.values()].some(isOverdue(now)) ? now.toISOString() : undefined
    },
    async lockOverdue(tables, limit, cutoff) {
      const overdue = [...tables.payments.values()].filter(isOverdue(new Date(cutoff)))
      return due(tables, overdue.map(({ paymentId }) => paymentId).sort(), limit)
    },
  }
}

export function emptyPaymentTables(): PaymentTables {
  return {
    ...emptyCallTables(),
    payments: new Map(),
    askAgainAt: new Map(),
    traces: new Map(),
    histories: new Map(),
    reservations: new Map(),
  }
}

export function copyPaymentTables(tables: PaymentTables): PaymentTables {
  return {
    ...copyCallTables(tables),
    payments: new Map(tables.payments),
    askAgainAt: new Map(tables.askAgainAt),
    traces: new Map(tables.traces),
    histories: new Map(tables.histories),
    reservations: new Map(tables.reservations),
  }
}

function after(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms)
}

/** Why reservation would refuse an order, by what is known of the reservation. */
function refusalOf({ reservations }: PaymentTables, order: Order, now: Date): CheckoutRefusal | undefined {
  const known = reservations.get(order.reservationId)
  if (known === undefined) return undefined
  const { totalPrice } = known
  if (known.userId !== order.userId) return { reason: 'RESERVATION_NOT_FOUND', totalPrice }
  if (known.state === 'SOLD') return { reason: 'RESERVATION_IN_PAYMENT', totalPrice }
  if (known.state === 'RELEASED' || known.heldUntil <= now) return { reason: 'HOLD_EXPIRED', totalPrice }
  return totalPrice === order.amount ? undefined : { reason: 'AMOUNT_MISMATCH', totalPrice }
}

/** Whether the user has an unfailed payment for the reservation. */
function isInTheWay({ payments }: PaymentTables, { userId, reservationId }: Order): boolean {
  return [...payments.values()].some(
    (payment) =>
      payment.userId === userId && payment.reservationId === reservationId && statusOf(payment) !== 'FAILED',
  )
}

function isOverdue(now: Date): (payment: Payment) => boolean {
  return (payment) => statusOf(payment) === 'PENDING' && payment.deadline <= now
}

function addTransition({ histories }: PaymentTables, payment: Payment): void {
  const history = histories.get(payment.paymentId) ?? []
  if (payment.sequence !== history.length + 1)
    throw new Error(`transition ${payment.sequence} of ${payment.paymentId} comes after ${history.length}`)
  histories.set(payment.paymentId, [...history, statusOf(payment)])
}

function chosen<Row>(rows: ReadonlyMap<string, Row>, ids: readonly string[]): Row[] {
  return [...new Set(ids)].flatMap((id) => rows.get(id) ?? [])
}
