import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Confirmation } from '../domain/confirm-seats.ts'
import type { Reservation } from '../domain/reservation.ts'
import type { KnownReservations } from '../domain/restore-reservation.ts'
import { ConfirmationEntity, ReservationEntity } from './entities.ts'
import { seatColumns } from './lock-seats.ts'

/** Reads the stored reservations and confirmations. */
export async function readKnown(
  em: EntityManager,
  reservationIds: readonly string[],
  paymentIds: readonly string[],
): Promise<KnownReservations> {
  const reservations = await em.find(ReservationEntity, { reservationId: { $in: [...reservationIds] } })
  const confirmations = await em.find(ConfirmationEntity, { paymentId: { $in: [...paymentIds] } })
  return {
    reservations: new Map(reservations.map((reservation) => [reservation.reservationId, reservation])),
    confirmations: new Map(confirmations.map((confirmation) => [confirmation.paymentId, confirmation])),
  }
}

/**
 * Writes reservations and confirmations as they were published, over what is stored, and gives the seats to their
 * owners: to the buyer, or else to the latest hold. Nothing else works in the database during a restore.
 *
 * @returns a sentence for each contradiction: seats that two reservations have got
 */
export async function saveRestored(
  em: EntityManager,
  reservations: readonly Reservation[],
  confirmations: readonly Confirmation[],
): Promise<string[]> {
  await query(em, upsertReservations, [
    reservations.map(({ reservationId }) => reservationId),
    reservations.map(({ userId }) => userId),
    reservations.map(({ concertId }) => concertId),
    reservations.map(({ seats }) => JSON.stringify(seats)),
    reservations.map(({ totalPrice }) => totalPrice),
    reservations.map(({ state }) => state),
    reservations.map(({ heldUntil }) => heldUntil.toISOString()),
    reservations.map(({ paymentId }) => paymentId),
    reservations.map(({ version }) => version),
    reservations.map(({ createdAt }) => createdAt.toISOString()),
  ])
  await query(em, upsertConfirmations, [
    confirmations.map(({ paymentId }) => paymentId),
    confirmations.map(({ reservationId }) => reservationId),
    confirmations.map(({ refusal }) => refusal),
    confirmations.map(({ decidedAt }) => decidedAt.toISOString()),
  ])
  const inState = (state: Reservation['state']) =>
    reservations.filter((reservation) => reservation.state === state)
  await query(em, freeReleasedSeats, seatColumns(inState('RELEASED')))
  await query(em, giveToLatestHold, seatColumns(inState('HELD')))
  await query(em, sellSeats, seatColumns(inState('SOLD')))
  return [
    ...(await faults(em, findSalesWithoutSeats, inState('SOLD'))),
    ...(await faults(em, endHoldsWithoutSeats, inState('HELD'))),
  ]
}

async function faults(
  em: EntityManager,
  sql: string,
  reservations: readonly Reservation[],
): Promise<string[]> {
  const rows = await query<{ fault: string }>(em, sql, [
    reservations.map(({ reservationId }) => reservationId),
  ])
  return rows.map((row) => row.fault)
}

const upsertReservations = `
  INSERT INTO reservation
    (reservation_id, user_id, concert_id, seats, total_price, state, held_until, payment_id, version, created_at)
  SELECT reservation_id, user_id, concert_id, ARRAY(SELECT jsonb_array_elements_text(seats::jsonb)), total_price, state,
    held_until, payment_id, version, created_at
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::uuid[],
      $9::int[], $10::timestamptz[])
    AS restored (reservation_id, user_id, concert_id, seats, total_price, state, held_until, payment_id, version, created_at)
  ON CONFLICT (reservation_id) DO UPDATE
    SET state = excluded.state, held_until = excluded.held_until, payment_id = excluded.payment_id,
      version = excluded.version`

/** The service's role may not change its decisions. A function of the owner does so during a restore. */
const upsertConfirmations = `SELECT restore_confirmations($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])`

const own = `unnest($1::uuid[], $2::text[], $3::uuid[]) AS own (concert_id, seat, reservation_id)`

const freeReleasedSeats = `
  UPDATE seat SET reservation_id = NULL, held_until = NULL
  FROM ${own}
  WHERE seat.concert_id = own.concert_id AND seat.seat = own.seat AND seat.reservation_id = own.reservation_id
    AND NOT seat.sold`

/** Gives each seat to the latest restored hold, unless its present owner holds it by a later one. */
const giveToLatestHold = `
  UPDATE seat SET reservation_id = latest.reservation_id, held_until = latest.held_until
  FROM (
    SELECT DISTINCT ON (own.concert_id, own.seat) own.concert_id, own.seat, reservation_id, held_until, created_at
    FROM ${own} JOIN reservation USING (reservation_id)
    ORDER BY own.concert_id, own.seat, created_at DESC
  ) AS latest
  WHERE seat.concert_id = latest.concert_id AND seat.seat = latest.seat AND NOT seat.sold
    AND NOT EXISTS (
      SELECT FROM reservation AS owner
      WHERE owner.reservation_id = seat.reservation_id AND owner.created_at > latest.created_at
    )`

const sellSeats = `
  WITH sold AS (
    UPDATE seat SET reservation_id = own.reservation_id, held_until = reservation.held_until, sold = true
    FROM ${own} JOIN reservation USING (reservation_id)
    WHERE seat.concert_id = own.concert_id AND seat.seat = own.seat
      AND (NOT seat.sold OR seat.reservation_id = own.reservation_id)
    RETURNING seat.concert_id, seat.seat, seat.reservation_id, reservation.payment_id
  )
  INSERT INTO sale (concert_id, seat, reservation_id, payment_id, sold_at)
  SELECT sold.concert_id, sold.seat, sold.reservation_id, sold.payment_id, coalesce(decided_at, clock_timestamp())
  FROM sold LEFT JOIN confirmation USING (payment_id)
  ON CONFLICT DO NOTHING`

const notItsOwn = `
  FROM reservation AS held CROSS JOIN unnest(held.seats) AS name
    JOIN seat ON seat.concert_id = held.concert_id AND seat.seat = name
  WHERE held.reservation_id = ANY($1::uuid[]) AND seat.reservation_id IS DISTINCT FROM held.reservation_id`

const findSalesWithoutSeats = `
  SELECT format('seats %s were sold to payment %s, and to reservation %s as well', string_agg(name, ', '),
    held.payment_id, min(seat.reservation_id::text)) AS fault
  ${notItsOwn}
  GROUP BY held.reservation_id, held.payment_id`

/** Ends open holds whose seats have another owner: the database had forgotten the hold and given the seats away. */
const endHoldsWithoutSeats = `
  WITH ended AS (
    UPDATE reservation SET held_until = clock_timestamp()
    WHERE held_until > clock_timestamp() AND reservation_id IN (SELECT held.reservation_id ${notItsOwn})
    RETURNING reservation_id, user_id, concert_id, seats
  ), freed AS (
    UPDATE seat SET held_until = clock_timestamp() FROM ended
    WHERE seat.concert_id = ended.concert_id AND seat.seat = ANY(ended.seats)
      AND seat.reservation_id = ended.reservation_id
  )
  SELECT format('the hold %s of %s has lost its seats to a later one', reservation_id, user_id) AS fault FROM ended`
