import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

export interface ListedSeat {
  /** The seat's position in the map, from 1. */
  readonly position: number
  readonly seat: string
  /** Points, as text. */
  readonly price: string
  readonly status: 'AVAILABLE' | 'HELD' | 'SOLD'
}

/** The bounds of a page of a concert's seat map. */
export interface SeatPage {
  readonly concertId: string
  /** Only seats after this position; 0 for the first page. */
  readonly after: number
  readonly limit: number
}

/** Seats of a concert, with their status by the database's clock. */
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
