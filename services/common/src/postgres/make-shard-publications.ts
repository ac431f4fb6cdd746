import { defaultOutboxTables, defaultSchema, publicationOf } from '@boxoffice/messaging/sql'
import type { EntityManager } from '@mikro-orm/postgresql'
import { createShardPublications } from './outbox-shards.ts'
import { query } from './query.ts'

/** Creates the missing publications of a service's shards. Those of other numbers stay: nothing reads them. */
export async function makeShardPublications(em: EntityManager, shards: number): Promise<void> {
  const { outbox } = defaultOutboxTables
  const missing = createShardPublications({ outbox, publication: publicationOf(defaultSchema) }, shards)
  if (missing.size === 0) return
  for (const { pubname } of await query<{ pubname: string }>(
    em,
    'SELECT pubname::text FROM pg_publication',
  )) {
    missing.delete(pubname)
  }
  for (const sql of missing.values()) await query(em, sql)
}
