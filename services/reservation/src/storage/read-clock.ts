import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

/**
 * The database's time in whole milliseconds, rounded down. Holds begin and lapse by this clock alone, never by a
 * replica's. Read it after the locks: the transaction's own time is from before the wait for them.
 */
export async function readClock(em: EntityManager): Promise<Date> {
  const [row] = await query<{ now_ms: string }>(em, selectClock)
  if (row === undefined) throw new Error('the database returned no time')
  return new Date(Number(row.now_ms))
}

/** The same time as an SQL expression, as text. */
export const clockMs = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint::text'

const selectClock = `SELECT ${clockMs} AS now_ms`
