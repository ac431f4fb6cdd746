import pg from 'pg'
import type { TestSystem } from './shared-system.ts'

/** Runs one statement in a service's database, as somebody at its console would. */
export async function sql<Row>(
  { addresses }: TestSystem,
  service: 'payment' | 'point' | 'reservation',
  statement: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: addresses.services[service].databaseUrl })
  await client.connect()
  try {
    return (await client.query(statement, parameters)).rows as Row[]
  } finally {
    await client.end()
  }
}
