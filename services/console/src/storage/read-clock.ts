import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

/** Reads the clock of the database, which sets the times at which records are stored in the trail. */
export async function readClock(em: EntityManager): Promise<Date> {
  const [row] = await query<{ now: string }>(em, 'SELECT extract(epoch FROM clock_timestamp())::text AS now')
  return new Date(Number(row?.now) * 1000)
}
