import type { SqlDatabase } from '../sql/sql.ts'
import { migrations } from './migrations.ts'
import { refuseNewer } from './refuse-newer.ts'
import { SchemaError } from './schema-error.ts'
import { hasTable, readApplied } from './stored-version.ts'

/**
 * Checks that this version of the library works with the tables of messaging. They are of its version, or of a newer
 * one whose changes older code does not notice, as during a rolling upgrade and after a rollback. Tables that a
 * service has made by its own migrations are accepted as they are.
 *
 * @throws SchemaError SCHEMA_MISSING, SCHEMA_BEHIND, SCHEMA_AHEAD
 */
export async function requireSchema(database: SqlDatabase): Promise<void> {
  const { applied, areThere } = await database.transaction(async (sql) => ({
    applied: await readApplied(sql),
    areThere: await hasTable(sql, 'consumer_position'),
  }))
  if (applied === undefined) {
    if (areThere) return
    throw new SchemaError(
      'SCHEMA_MISSING',
      'the search_path of the database connection leads to no table of messaging: name their schema in it (search_path=public,messaging), or call migrateMessaging(database) first, as the owner',
    )
  }
  refuseNewer(applied)
  if (applied.length < migrations.length)
    throw new SchemaError(
      'SCHEMA_BEHIND',
      `the tables of messaging have version ${applied.length}, and this version of @boxoffice/messaging needs ${migrations.length}: call migrateMessaging(database) first, as the owner`,
    )
}
