import { messagingVersion } from './migrations.ts'
import { SchemaError } from './schema-error.ts'
import type { AppliedMigration } from './stored-version.ts'

/**
 * Refuses tables that a newer library has changed in a way that this one does not work with. The newer library records
 * that beside each migration, because the older one cannot know it.
 *
 * @throws SchemaError SCHEMA_AHEAD
 */
export function refuseNewer(applied: readonly AppliedMigration[]): void {
  const needed = Math.max(0, ...applied.map(({ needs }) => needs))
  if (needed <= messagingVersion) return
  throw new SchemaError(
    'SCHEMA_AHEAD',
    `the tables of messaging have version ${applied.length}, which needs version ${needed} of @boxoffice/messaging's tables, and this library knows ${messagingVersion}: update the library`,
  )
}
