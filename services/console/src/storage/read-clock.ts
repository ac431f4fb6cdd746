import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

/** The database's clock, by which the trail is recorded. */
export async function readClock(em: EntityManager): Promise<Date> {
  const [row] = await query<{ now: string }>(em, 'SELECT extract(epoch FROM clock_timestamp())::text AS now')
  return new Date(Number(row?.now) * 1000)
}
