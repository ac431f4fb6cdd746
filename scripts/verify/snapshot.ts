import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import { UnreadableError } from './sources.ts'

/** Runs one query in the snapshot. Numbers past 2^53 are text. */
export type Read = <Row extends object>(sql: string) => Promise<Row[]>

/**
 * Reads a database in one snapshot: every query of `work` sees the same commits.
 *
 * @throws UnreadableError if the database does not answer, or lacks the tables
 */
export async function readSnapshot<T>(
  name: string,
  url: string,
  work: (read: Read) => Promise<T>,
): Promise<T> {
  const client = new (clientOf({ url }, pg.Client))({
    application_name: 'boxoffice-verify',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 60_000,
  })
  // Without a listener, a connection that breaks between queries would end the process; the next query reports the
  // error.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return await work(async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows)
  } catch (cause) {
    throw new UnreadableError(`the ${name} database at ${placeOf(url)}`, cause)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Runs queries that each return counterexamples as the column `fault`. */
export async function readFaults(read: Read, queries: readonly string[]): Promise<string[]> {
  const faults: string[] = []
  for (const sql of queries) {
    for (const { fault } of await read<{ fault: string }>(sql)) faults.push(fault)
  }
  return faults
}

function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is no URL'
}
