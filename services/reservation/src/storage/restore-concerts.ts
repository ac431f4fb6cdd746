import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Section } from '../domain/concert.ts'
import { insertSeats } from './insert-seats.ts'

export interface RestoredConcert {
  readonly concertId: string
  readonly title: string
  readonly startTime: Date
  readonly sections: readonly Section[]
  readonly seatsTotal: number
  readonly seatsPerUserMax: number
  readonly createdAt: Date
}

/** Writes a concert and its seats unless it exists; returns whether it was missing. */
export async function restoreConcert(em: EntityManager, concert: RestoredConcert): Promise<boolean> {
  const inserted = await query(em, insertMissingConcert, [
    concert.concertId,
    concert.title,
    concert.startTime.toISOString(),
    JSON.stringify(concert.sections),
    concert.seatsTotal,
    concert.seatsPerUserMax,
    concert.createdAt.toISOString(),
  ])
  if (inserted.length === 0) return false
  await insertSeats(em, concert.concertId, concert.sections)
  return true
}

const insertMissingConcert = `
  INSERT INTO concert (concert_id, title, start_time, sections, seats_total, seats_per_user_max, created_at)
  VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7)
  ON CONFLICT DO NOTHING
  RETURNING concert_id`
