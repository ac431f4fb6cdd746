import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Reservation } from '../domain/reservation.ts'
import { seatColumns } from './lock-seats.ts'

/** Marks the seats of sold reservations, which must be locked, as sold, and enters the sales. */
export async function sellSeats(em: EntityManager, reservations: readonly Reservation[]): Promise<void> {
  if (reservations.length === 0) return
  const columns = seatColumns(reservations)
  const payments = reservations.flatMap(({ paymentId, seats }) => seats.map(() => paymentId))
  const sales = await query(em, insertSales, [...columns, payments])
  if (sales.length !== payments.length) {
    throw new Error(`${payments.length} seats were to be sold, and ${sales.length} were`)
  }
}

/** The primary key of sale refuses a seat that was sold before, whatever else may be wrong. */
const insertSales = `
  WITH sold AS (
    UPDATE seat SET sold = true
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) AS own (concert_id, seat, reservation_id, payment_id)
    WHERE seat.concert_id = own.concert_id AND seat.seat = own.seat
      AND seat.reservation_id = own.reservation_id AND NOT seat.sold
    RETURNING seat.concert_id, seat.seat, seat.reservation_id, own.payment_id
  )
  INSERT INTO sale (concert_id, seat, reservation_id, payment_id)
  SELECT concert_id, seat, reservation_id, payment_id FROM sold
  RETURNING seat`
