import { columns } from '@boxoffice/common/postgres/columns.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Confirmation, Decision, LockedReservation } from '../domain/confirm-seats.ts'
import type { Reservation } from '../domain/reservation.ts'
import { lockOwnSeats, seatColumns } from './lock-seats.ts'
import { readConfirmations } from './read-confirmations.ts'

/** The reservations and confirmations that a transaction works on, including its own decisions. */
export interface Register {
  readonly reservations: Map<string, LockedReservation>
  readonly confirmations: Map<string, Confirmation>
  /** The database's clock, read after all locks. */
  readonly now: Date
  /** The decisions in their order, without those that change nothing. */
  readonly decisions: Decision[]
}

/** Loads and locks reservations in the order of their ids, then their seats in the order of the map. */
export async function lockRegister(
  em: EntityManager,
  reservationIds: readonly string[],
  paymentIds: readonly string[],
): Promise<Register> {
  const rows = await query<LockedRow>(em, selectReservationsForUpdate, [[...new Set(reservationIds)]])
  const reservations = rows.map(toReservation)
  const owners = await lockOwnSeats(
    em,
    reservations.filter(({ state }) => state === 'HELD'),
  )
  // Read after the locks: a transaction that decided on one of these payments has committed by now.
  const { confirmations, now } = await readConfirmations(em, [...new Set(paymentIds)])
  return {
    reservations: new Map(
      reservations.map((reservation) => [
        reservation.reservationId,
        { reservation, ownsItsSeats: owners.has(reservation.reservationId) },
      ]),
    ),
    confirmations: new Map(confirmations.map((confirmation) => [confirmation.paymentId, confirmation])),
    now,
    decisions: [],
  }
}

/** Adds a decision to the register, so that the next decision sees it. */
export function record(register: Register, decision: Decision): void {
  const { confirmation, sold } = decision
  if (register.confirmations.get(confirmation.paymentId) === confirmation) return
  register.decisions.push(decision)
  register.confirmations.set(confirmation.paymentId, confirmation)
  if (sold !== undefined) {
    register.reservations.set(sold.reservationId, { reservation: sold, ownsItsSeats: true })
  }
}

/**
 * Writes the decisions in one statement: marks reservations and their seats as sold, and inserts sales and
 * confirmations.
 */
export async function saveRegister(em: EntityManager, { decisions }: Register): Promise<void> {
  if (decisions.length === 0) return
  const sold = decisions.flatMap((decision) => decision.sold ?? [])
  const [concerts, seats, reservations] = seatColumns(sold)
  const sales = await query(em, saveAll, [
    ...soldColumns.values(sold),
    ...confirmationColumns.values(decisions.map(({ confirmation }) => confirmation)),
    concerts,
    seats,
    reservations,
    sold.flatMap(({ paymentId, seats: own }) => own.map(() => paymentId)),
  ])
  if (sales.length !== seats.length) {
    throw new Error(`${seats.length} seats were to be sold, and ${sales.length} were`)
  }
}

/** A reservation whose price is text, and whose times are milliseconds since 1970. */
type LockedRow = Omit<Reservation, 'totalPrice' | Time> & { readonly totalPrice: string } & Readonly<
    Record<Time, number>
  >
type Time = 'heldUntil' | 'createdAt'

function toReservation(row: LockedRow): Reservation {
  return {
    ...row,
    totalPrice: BigInt(row.totalPrice),
    heldUntil: new Date(row.heldUntil),
    createdAt: new Date(row.createdAt),
  }
}

const selectReservationsForUpdate = `
  SELECT reservation_id AS "reservationId", user_id AS "userId", concert_id AS "concertId", seats,
         total_price::text AS "totalPrice", state, payment_id AS "paymentId", version,
         (extract(epoch FROM held_until) * 1000)::float8 AS "heldUntil",
         (extract(epoch FROM created_at) * 1000)::float8 AS "createdAt"
  FROM reservation
  WHERE reservation_id = ANY($1::uuid[])
  ORDER BY reservation_id
  FOR UPDATE`

const soldColumns = columns<Reservation>({
  reservation_id: ['uuid', ({ reservationId }) => reservationId],
  payment_id: ['uuid', ({ paymentId }) => paymentId],
  version: ['integer', ({ version }) => version],
})

const confirmationColumns = columns<Confirmation>({
  payment_id: ['uuid', ({ paymentId }) => paymentId],
  reservation_id: ['uuid', ({ reservationId }) => reservationId],
  refusal: ['text', ({ refusal }) => refusal],
  decided_at: ['timestamptz', ({ decidedAt }) => decidedAt],
})

/** The primary key of sale refuses a seat that was sold before, even if all else is wrong. */
const saveAll = `
  WITH reserved AS (
    UPDATE reservation SET state = 'SOLD', payment_id = sold.payment_id, version = sold.version
    FROM ${soldColumns.unnest('sold')}
    WHERE reservation.reservation_id = sold.reservation_id
  ), confirmed AS (
    INSERT INTO confirmation (${confirmationColumns.names})
    SELECT * FROM ${confirmationColumns.unnest('decision', soldColumns.count + 1)}
  ), taken AS (
    UPDATE seat SET sold = true
    FROM unnest($8::uuid[], $9::text[], $10::uuid[], $11::uuid[]) AS own (concert_id, seat, reservation_id, payment_id)
    WHERE seat.concert_id = own.concert_id AND seat.seat = own.seat
      AND seat.reservation_id = own.reservation_id AND NOT seat.sold
    RETURNING seat.concert_id, seat.seat, seat.reservation_id, own.payment_id
  )
  INSERT INTO sale (concert_id, seat, reservation_id, payment_id)
  SELECT concert_id, seat, reservation_id, payment_id FROM taken
  RETURNING seat`
