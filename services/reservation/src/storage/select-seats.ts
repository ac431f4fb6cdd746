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

/** The seats of a concert that come after a place in its map, as they stand by the database's clock. */
export function selectSeats(
  em: EntityManager,
  concertId: string,
  afterPosition: number,
  limit: number,
): Promise<ListedSeat[]> {
  return query<ListedSeat>(em, selectSeatsAfter, [concertId, afterPosition, limit])
}

const selectSeatsAfter = `
  SELECT position, seat, price::text,
    CASE WHEN sold THEN 'SOLD' WHEN held_until > statement_timestamp() THEN 'HELD' ELSE 'AVAILABLE' END AS status
  FROM seat
  WHERE concert_id = $1 AND position > $2
  ORDER BY position
  LIMIT $3`
