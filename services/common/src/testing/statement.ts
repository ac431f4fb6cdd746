import pg from 'pg'
import { clientOf } from '../postgres/connection.ts'

/** Runs statements in a transaction that is rolled back: 'done', or PostgreSQL's code of the error. */
export async function outcomeOf(url: string, sql: string): Promise<string> {
  const client = new (clientOf({ url }, pg.Client))()
  await client.connect()
  try {
    await client.query(`BEGIN; ${sql}; ROLLBACK`)
    return 'done'
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code ?? 'no code'
    throw error
  } finally {
    await client.end()
  }
}
