import type { EntityManager } from '@mikro-orm/postgresql'
import { query } from '../postgres/query.ts'

/**
 * The newest time that a database knows, of a message that it has handled or of a call, if that is before `time`; undefined if
 * it knows of something at `time` or later, or of nothing at all.
 */
export async function newestBefore(em: EntityManager, time: Date): Promise<Date | undefined> {
  // Quick, as a rule: where this finds something, the tables are not read through.
  const [found] = await query<{ known: boolean }>(em, selectKnown, [time.toISOString()])
  if (found?.known) return undefined
  const [row] = await query<{ newest: string | null }>(em, selectNewest)
  return row?.newest ? new Date(row.newest) : undefined
}

const selectKnown = `
  SELECT EXISTS (SELECT FROM inbox WHERE processed_at >= $1) OR EXISTS (SELECT FROM request WHERE created_at >= $1)
    AS known`

const selectNewest = `
  SELECT greatest((SELECT max(processed_at) FROM inbox), (SELECT max(created_at) FROM request)) AS newest`
