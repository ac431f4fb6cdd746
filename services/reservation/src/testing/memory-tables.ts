import { type CallTables, copyCallTables, emptyCallTables } from '@boxoffice/common/testing/memory-calls.ts'
import type { Confirmation } from '../domain/confirm-seats.ts'
import type { HallSeat } from '../domain/hold-in-turn.ts'
import type { Reservation } from '../domain/reservation.ts'

/** A seat of a concert, and the reservation that it was last given to; null if it is free. */
export interface SeatRow extends HallSeat {
  readonly reservationId: string | null
}

/** The reservation service's tables in memory. */
export interface ReservationTables extends CallTables {
  /** The number of seats that one user may have, by concert. */
  readonly concerts: Map<string, number>
  /** By concert and seat name, in the order of the map. */
  readonly seats: Map<string, SeatRow>
  readonly reservations: Map<string, Reservation>
  readonly confirmations: Map<string, Confirmation>
  readonly sales: { readonly concertId: string; readonly seat: string; readonly paymentId: string }[]
}

export function emptyReservationTables(): ReservationTables {
  return {
    ...emptyCallTables(),
    concerts: new Map(),
    seats: new Map(),
    reservations: new Map(),
    confirmations: new Map(),
    sales: [],
  }
}

export function copyReservationTables(tables: ReservationTables): ReservationTables {
  return {
    ...copyCallTables(tables),
    concerts: tables.concerts,
    seats: new Map(tables.seats),
    reservations: new Map(tables.reservations),
    confirmations: new Map(tables.confirmations),
    sales: [...tables.sales],
  }
}

/** Creates a concert whose seats all have one price, and which one user may buy as a whole. */
export function createHall(
  { concerts, seats }: ReservationTables,
  hall: { readonly concertId: string; readonly seats: readonly string[]; readonly price: bigint },
): void {
  const { concertId, price } = hall
  concerts.set(concertId, hall.seats.length)
  for (const seat of hall.seats)
    seats.set(`${concertId}/${seat}`, {
      concertId,
      seat,
      price,
      sold: false,
      heldUntil: null,
      reservationId: null,
    })
}
