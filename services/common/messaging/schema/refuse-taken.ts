import type { Sql } from '../sql/sql.ts'
import { movedTables } from './move-tables.ts'
import { quoted } from './outbox-tables.ts'
import type { Place } from './place.ts'
import { SchemaError } from './schema-error.ts'

/**
 * Refuses to make or to move tables where something else has their names.
 *
 * @param areThere - whether the tables are in their schema already
 * @throws SchemaError SCHEMA_TAKEN
 */
export async function refuseTaken(sql: Sql, place: Place, areThere: boolean): Promise<void> {
  const { from, schema, publication } = place
  const tables = areThere ? [] : [...movedTables, 'messaging_migration']
  const [taken] = await sql.query<{ kind: string; name: string }>(takenNames, [
    quoted(schema),
    tables,
    publication,
    `${quoted(from)}.outbox`,
  ])
  if (taken === undefined) return
  const { kind, name } = taken
  throw new SchemaError(
    'SCHEMA_TAKEN',
    kind === 'publication'
      ? `there is a publication ${name} that is not of this outbox: drop it, or give messaging another schema, by which its publication is named`
      : `there is a ${kind} ${schema}.${name} that messaging has not made: give messaging a schema of its own, migrateMessaging(database, { schema })`,
  )
}

/** The publication of a shard is renamed together with that of the outbox. */
const takenNames = `
  SELECT 'table' AS kind, relname::text AS name FROM pg_class
  WHERE relnamespace = to_regnamespace($1) AND relname = ANY ($2::text[])
  UNION ALL
  SELECT 'function', proname::text FROM pg_proc
  WHERE pronamespace = to_regnamespace($1) AND proname = 'forget_inbox' AND cardinality($2::text[]) > 0
  UNION ALL
  SELECT 'publication', pubname::text FROM pg_publication
  WHERE (pubname = $3 AND NOT EXISTS (
      SELECT FROM pg_publication_rel WHERE prpubid = pg_publication.oid AND prrelid = to_regclass($4)))
    OR pubname IN (
      SELECT $3 || substr(own.pubname, length('outbox') + 1)
      FROM pg_publication AS own JOIN pg_publication_rel ON prpubid = own.oid
      WHERE prrelid = to_regclass($4) AND own.pubname ~ '^outbox(_[0-9]+of[0-9]+)?$'
        AND own.pubname <> $3 || substr(own.pubname, length('outbox') + 1))
  LIMIT 1`
