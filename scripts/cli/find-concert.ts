import type { Concert, Seat } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { Failure } from './failure.ts'
import type { Session } from './session.ts'

/** Finds the concert with this id, or the newest one. @throws Failure if there is none */
export async function findConcert(session: Session, concertId: string | undefined): Promise<Concert> {
  for await (const concert of listConcerts(session)) {
    if (concertId === undefined || concert.concertId === concertId) return concert
  }
  if (concertId !== undefined) {
    throw new Failure('CONCERT_NOT_FOUND', `There is no concert ${concertId}`, {
      next: ['npx boxoffice concerts shows them all'],
    })
  }
  throw new Failure('CONCERT_NOT_FOUND', 'There is no concert yet', {
    next: ['npm start creates a demo concert unless it has --no-demo'],
  })
}

/** Lists all concerts, newest first, page by page. */
export async function* listConcerts(session: Session): AsyncGenerator<Concert> {
  let pageToken = ''
  do {
    const page = await session.reservation().listConcerts({ pageToken }, { signal: session.signal })
    yield* page.concerts
    pageToken = page.nextPageToken
  } while (pageToken !== '')
}

/** Lists all seats of a concert, in the order of its map. */
export async function listSeats(session: Session, concertId: string): Promise<Seat[]> {
  const seats: Seat[] = []
  let pageToken = ''
  do {
    const request = { concertId, pageSize: 5_000, pageToken }
    const page = await session.reservation().listSeats(request, { signal: session.signal })
    seats.push(...page.seats)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return seats
}
