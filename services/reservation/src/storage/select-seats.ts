import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

export interface ListedSeat {
  /** The seat's place in the map, from 1. */
  readonly position: number
  readonly seat: string
  /** Points, as text. */
  readonly price: string
  readonly status: 'AVAILABLE' | 'HELD' | 'SOLD'
}

/** A part of a concert's map of seats. */
export interface SeatPage {
  readonly concertId: string
  /** The place in the map after which the seats stand; 0 for the first. */
  readonly after: number
  readonly limit: number
}

/** Seats of a concert, as they are by the database's clock. */
export function selectSeats(em: EntityManager, { concertId, after, limit }: SeatPage): Promise<ListedSeat[]> {
  return query<ListedSeat>(em, selectSeatsAfter, [concertId, after, limit])
}

const selectSeatsAfter = `
  SELECT position, seat, price::text,
    CASE WHEN sold THEN 'SOLD' WHEN held_until > statement_timestamp() THEN 'HELD' ELSE 'AVAILABLE' END AS status
  FROM seat
  WHERE concert_id = $1 AND position > $2
  ORDER BY position
  LIMIT $3`
