import type { Database } from '@boxoffice/common/postgres/database.ts'
import { countTakenSeats } from '../storage/count-taken-seats.ts'
import { type ConcertPage, findConcerts } from '../storage/find-concert.ts'
import type { ListedConcert } from './create-concert.ts'

/** Lists a part of all concerts, newest first, with the number of seats that are taken now. */
export async function listConcerts(
  database: Pick<Database, 'em'>,
  page: ConcertPage,
): Promise<ListedConcert[]> {
  const em = database.em()
  const concerts = await findConcerts(em, page)
  const taken = await countTakenSeats(
    em,
    concerts.map(({ concertId }) => concertId),
  )
  return concerts.map((concert) => ({ concert, seatsTaken: taken.get(concert.concertId) ?? 0 }))
}
