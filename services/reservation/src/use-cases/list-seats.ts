import type { Database } from '@boxoffice/common/postgres/database.ts'
import { type ListedSeat, type SeatPage, selectSeats } from '../storage/select-seats.ts'

/** Lists a part of a concert's seats in the order of the map. */
export function listSeats(database: Pick<Database, 'em'>, page: SeatPage): Promise<ListedSeat[]> {
  return selectSeats(database.em(), page)
}
