import type { Reservation } from '../domain/reservation.ts'
import type { ReservationTables, SeatRow } from './memory-tables.ts'

type Seats = Pick<ReservationTables, 'seats'>

export function seatKey({ concertId, seat }: { readonly concertId: string; readonly seat: string }): string {
  return `${concertId}/${seat}`
}

/** The named seats that exist, in the order of the map. */
export function seatsOf(
  { seats }: Seats,
  wanted: { readonly concertId: string; readonly seats: readonly string[] },
): SeatRow[] {
  return [...seats.values()].filter(
    (row) => row.concertId === wanted.concertId && wanted.seats.includes(row.seat),
  )
}

/** Whether a seat is sold, or held at `now`. */
export function isTaken({ sold, heldUntil }: SeatRow, now: Date): boolean {
  return sold || (heldUntil !== null && heldUntil > now)
}

/** The seats of a reservation that have not passed to another one. */
export function ownSeats(tables: Seats, reservation: Reservation): SeatRow[] {
  return seatsOf(tables, reservation).filter((row) => row.reservationId === reservation.reservationId)
}

/** Gives a new reservation its seats. @throws Error if one of them is not free */
export function giveSeats(tables: Seats, reservation: Reservation, now: Date): void {
  const { reservationId, heldUntil } = reservation
  const free = seatsOf(tables, reservation).filter((row) => !isTaken(row, now))
  if (free.length !== reservation.seats.length)
    throw new Error(`${reservationId} got ${free.length} of its ${reservation.seats.length} seats`)
  for (const row of free) tables.seats.set(seatKey(row), { ...row, reservationId, heldUntil })
}

/** Writes that a reservation's seats are sold. @throws Error if one of them is not its own, or is sold already */
export function sellSeats(tables: ReservationTables, sold: Reservation): void {
  const { reservationId, paymentId } = sold
  const own = ownSeats(tables, sold).filter((row) => !row.sold)
  if (paymentId === null || own.length !== sold.seats.length)
    throw new Error(`${sold.seats.length} seats were to be sold, and ${own.length} were`)
  tables.reservations.set(reservationId, sold)
  for (const row of own) {
    tables.seats.set(seatKey(row), { ...row, sold: true })
    tables.sales.push({ concertId: row.concertId, seat: row.seat, paymentId })
  }
}
