import type { EntityManager } from '@mikro-orm/postgresql'
import { ConcertEntity, type ConcertRow } from './entities.ts'
import { insertSeats } from './insert-seats.ts'
import { readClock } from './read-clock.ts'

/** Writes a new concert and its seats, created now by the database's clock. */
export async function insertConcert(
  em: EntityManager,
  wanted: Omit<ConcertRow, 'position' | 'createdAt'>,
): Promise<ConcertRow> {
  const { concertId, title, startTime, sections, seatsTotal, seatsPerUserMax } = wanted
  const concert = em.create(ConcertEntity, {
    concertId,
    title,
    startTime,
    sections,
    seatsTotal,
    seatsPerUserMax,
    createdAt: await readClock(em),
  })
  await em.flush()
  await insertSeats(em, concertId, sections)
  return concert
}
