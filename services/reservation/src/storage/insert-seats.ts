import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Section } from '../domain/concert.ts'

/** Inserts the seats of a new concert, numbered in the order of the map: section, row, number. */
export async function insertSeats(
  em: EntityManager,
  concertId: string,
  sections: readonly Section[],
): Promise<void> {
  await query(em, insertSeatsOfSections, [
    concertId,
    sections.map((section) => section.name),
    sections.map((section) => section.rows),
    sections.map((section) => section.seatsPerRow),
    sections.map((section) => section.price),
  ])
}

const insertSeatsOfSections = `
  INSERT INTO seat (concert_id, seat, position, price)
  SELECT $1, name || '-' || row || '-' || number, row_number() OVER (ORDER BY nth, row, number), price
  FROM unnest($2::text[], $3::integer[], $4::integer[], $5::bigint[])
      WITH ORDINALITY AS section (name, rows, seats_per_row, price, nth),
    generate_series(1, rows) AS row,
    generate_series(1, seats_per_row) AS number`
