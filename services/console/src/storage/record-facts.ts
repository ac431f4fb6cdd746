import { write } from '@boxoffice/common/postgres/query.ts'
import {
  FailureReason,
  FailureReasonSchema,
  type Payment,
  PaymentStatusSchema,
  PointsStateSchema,
  RefundStateSchema,
  SeatsStateSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import {
  type Reservation,
  ReservationStatusSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import type { Timestamp } from '@bufbuild/protobuf/wkt'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { EntityManager } from '@mikro-orm/postgresql'
import { enumName } from '../contract/enum-name.ts'

/** What messages state. Each entry has a key of its own, so that a message that arrives twice changes nothing. */
export interface Facts {
  readonly payments: readonly Payment[]
  readonly ledger: readonly LedgerFact[]
  readonly sales: readonly SaleFact[]
  readonly reservations: readonly Reservation[]
}

export interface LedgerFact {
  readonly messageId: string
  readonly userId: string
  readonly paymentId: string | null
  readonly kind: 'CHARGE' | 'DEBIT' | 'REFUND'
  readonly amount: bigint
  readonly balance: bigint
  readonly time?: Timestamp | undefined
}

export interface SaleFact {
  readonly paymentId: string
  readonly reservation: Reservation
}

/** Stores facts in the books, with one statement per table. A payment with new facts is judged again. */
export async function recordFacts(em: EntityManager, facts: Facts): Promise<void> {
  const { payments, ledger, sales, reservations } = facts
  if (payments.length > 0) await recordPayments(em, payments)
  if (ledger.length > 0) await recordLedger(em, ledger)
  if (sales.length > 0) await recordSales(em, sales)
  if (reservations.length > 0) await recordReservations(em, reservations)
  const touched = [...ledger, ...sales].flatMap(({ paymentId }) => paymentId ?? [])
  if (touched.length > 0) await write(em, touchPayments, [[...new Set(touched)]])
}

async function recordPayments(em: EntityManager, payments: readonly Payment[]): Promise<void> {
  await write(em, insertTransitions, [
    payments.map(({ paymentId }) => paymentId),
    payments.map(({ sequence }) => sequence),
    payments.map(({ status }) => enumName(PaymentStatusSchema, status)),
    payments.map(({ failureReason }) => reasonOf(failureReason)),
    payments.map(({ refund }) => enumName(RefundStateSchema, refund)),
    payments.map(({ updateTime }) => timeText(updateTime)),
  ])
  // Only the latest of several states of a payment is stored: one statement cannot change a row twice.
  const latest = new Map<string, Payment>()
  for (const payment of payments) {
    if ((latest.get(payment.paymentId)?.sequence ?? 0) < payment.sequence)
      latest.set(payment.paymentId, payment)
  }
  const rows = [...latest.values()].sort((a, b) => (a.paymentId < b.paymentId ? -1 : 1))
  await write(em, upsertPayments, [
    rows.map(({ paymentId }) => paymentId),
    rows.map(({ userId }) => userId),
    rows.map(({ reservationId }) => reservationId),
    rows.map(({ amount }) => String(amount)),
    rows.map(({ status }) => enumName(PaymentStatusSchema, status)),
    rows.map(({ failureReason }) => reasonOf(failureReason)),
    rows.map(({ points }) => enumName(PointsStateSchema, points)),
    rows.map(({ seats }) => enumName(SeatsStateSchema, seats)),
    rows.map(({ refund }) => enumName(RefundStateSchema, refund)),
    rows.map(({ sequence }) => sequence),
    rows.map(({ final }) => final),
    rows.map(({ createTime }) => timeText(createTime)),
    rows.map(({ updateTime }) => timeText(updateTime)),
  ])
}

async function recordLedger(em: EntityManager, ledger: readonly LedgerFact[]): Promise<void> {
  await write(em, insertLedger, [
    ledger.map(({ messageId }) => messageId),
    ledger.map(({ userId }) => userId),
    ledger.map(({ paymentId }) => paymentId),
    ledger.map(({ kind }) => kind),
    ledger.map(({ amount }) => String(amount)),
    ledger.map(({ balance }) => String(balance)),
    ledger.map(({ time }) => timeText(time)),
  ])
}

async function recordSales(em: EntityManager, sales: readonly SaleFact[]): Promise<void> {
  const seats = sales.flatMap(({ paymentId, reservation }) =>
    reservation.seats.map((seat) => ({ paymentId, seat, reservation })),
  )
  await write(em, insertSales, [
    seats.map(({ reservation }) => reservation.concertId),
    seats.map(({ seat }) => seat),
    seats.map(({ paymentId }) => paymentId),
    seats.map(({ reservation }) => String(reservation.totalPrice)),
  ])
}

async function recordReservations(em: EntityManager, reservations: readonly Reservation[]): Promise<void> {
  const latest = new Map<string, Reservation>()
  for (const reservation of reservations) {
    if ((latest.get(reservation.reservationId)?.version ?? 0) < reservation.version)
      latest.set(reservation.reservationId, reservation)
  }
  const rows = [...latest.values()].sort((a, b) => (a.reservationId < b.reservationId ? -1 : 1))
  await write(em, upsertReservations, [
    rows.map(({ reservationId }) => reservationId),
    rows.map(({ concertId }) => concertId),
    rows.map(({ userId }) => userId),
    // As JSON, because an array of arrays needs rows of one length.
    rows.map(({ seats }) => JSON.stringify(seats)),
    rows.map(({ totalPrice }) => String(totalPrice)),
    rows.map(({ status }) => enumName(ReservationStatusSchema, status)),
    rows.map(({ version }) => version),
  ])
}

function reasonOf(reason: FailureReason): string | null {
  return reason === FailureReason.UNSPECIFIED ? null : enumName(FailureReasonSchema, reason)
}

function timeText(time: Timestamp | undefined): string {
  return (time === undefined ? new Date(0) : timestampDate(time)).toISOString()
}

const insertTransitions = `
  INSERT INTO transition (payment_id, sequence, status, failure_reason, refund, occurred_at)
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
  ON CONFLICT DO NOTHING`

const upsertPayments = `
  INSERT INTO payment (payment_id, user_id, reservation_id, amount, status, failure_reason, points, seats, refund, sequence,
    final, created_at, updated_at, recorded_at)
  SELECT *, clock_timestamp()
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::int[], $11::boolean[], $12::timestamptz[], $13::timestamptz[])
  ON CONFLICT (payment_id) DO UPDATE SET
    user_id = excluded.user_id, reservation_id = excluded.reservation_id, amount = excluded.amount,
    status = excluded.status, failure_reason = excluded.failure_reason, points = excluded.points,
    seats = excluded.seats, refund = excluded.refund, sequence = excluded.sequence, final = excluded.final,
    created_at = excluded.created_at, updated_at = excluded.updated_at, recorded_at = excluded.recorded_at,
    judged_at = NULL
  WHERE payment.sequence < excluded.sequence`

/** All answers about a payment are in one partition, so the first one is that of the debit or the refund itself. */
const insertLedger = `
  INSERT INTO ledger_entry (message_id, user_id, payment_id, kind, amount, balance, occurred_at)
  SELECT message_id, user_id, payment_id, kind, amount, balance, occurred_at
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::timestamptz[])
    WITH ORDINALITY AS entry (message_id, user_id, payment_id, kind, amount, balance, occurred_at, nth)
  ORDER BY nth
  ON CONFLICT DO NOTHING`

const insertSales = `
  INSERT INTO sale (concert_id, seat, payment_id, price)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[])
  ON CONFLICT DO NOTHING`

const upsertReservations = `
  INSERT INTO reservation (reservation_id, concert_id, user_id, seats, total_price, status, version)
  SELECT reservation_id, concert_id, user_id, ARRAY(SELECT jsonb_array_elements_text(seats)), total_price, status, version
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::bigint[], $6::text[], $7::int[])
    AS incoming (reservation_id, concert_id, user_id, seats, total_price, status, version)
  ON CONFLICT (reservation_id) DO UPDATE SET status = excluded.status, version = excluded.version
  WHERE reservation.version < excluded.version`

/** If only an answer about a payment has been read so far, its row has no status yet. */
const touchPayments = `
  INSERT INTO payment (payment_id, recorded_at)
  SELECT payment_id, clock_timestamp() FROM unnest($1::uuid[]) AS incoming (payment_id) ORDER BY payment_id
  ON CONFLICT (payment_id) DO UPDATE SET recorded_at = excluded.recorded_at, judged_at = NULL`
