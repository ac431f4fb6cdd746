import { createHash } from 'node:crypto'
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql'
import type { MigrationClass } from './migration-class.ts'
import { hasMigrationsTable, migrationsTable } from './migrations-table.ts'
import { query } from './query.ts'

/** The checksum of each migration's statements, by the migration's name. */
export type Checksums = ReadonlyMap<string, string>

export const changedMigrationCode = 'MIGRATION_CHANGED'

/** A migration's text has changed since it was applied: the tables are not those that the code expects. */
class ChangedMigrationError extends Error {
  override readonly name = 'ChangedMigrationError'
  readonly code = changedMigrationCode

  constructor(names: readonly string[]) {
    super(
      `${names.join(', ')} said something else when this database was made, so its tables are not those of this code. ` +
        'Go back to the code that made it, or begin with an empty database: ' +
        'a schema is changed by one more migration, never in one that has been applied.',
    )
  }
}

export async function checksumsOf(
  { em, config }: MikroORM,
  migrations: readonly MigrationClass[],
): Promise<Checksums> {
  const checksums = new Map<string, string>()
  for (const Migration of migrations) {
    const migration = new Migration(em.getDriver(), config)
    await migration.up()
    const statements = migration.getQueries().map((statement) => String(statement).replace(/\s+/g, ' '))
    checksums.set(Migration.name, createHash('sha256').update(statements.join(';')).digest('hex'))
  }
  return checksums
}

/**
 * Compares the applied migrations of a database with those of the code. It compares only those that both know, because
 * the schema may be newer.
 *
 * @throws ChangedMigrationError
 */
export async function refuseChanged(em: EntityManager, checksums: Checksums): Promise<void> {
  if (!(await hasMigrationsTable(em))) return
  await query(em, addColumn)
  const applied = await query<{ name: string; checksum: string | null }>(
    em,
    `SELECT name, checksum FROM ${migrationsTable} ORDER BY id`,
  )
  const changed = applied.filter(({ name, checksum }) => (checksums.get(name) ?? checksum) !== checksum)
  if (changed.length > 0) throw new ChangedMigrationError(changed.map(({ name }) => name))
}

/** Records the checksums of the migrations that have just been applied. */
export async function keepChecksums(
  em: EntityManager,
  checksums: Checksums,
  applied: readonly string[],
): Promise<void> {
  if (applied.length === 0) return
  await query(em, addColumn)
  await query(em, setChecksums, [applied, applied.map((name) => checksums.get(name))])
}

const addColumn = `ALTER TABLE ${migrationsTable} ADD COLUMN IF NOT EXISTS checksum text`

const setChecksums = `
  UPDATE ${migrationsTable} AS migration SET checksum = applied.checksum
  FROM unnest($1::text[], $2::text[]) AS applied (name, checksum)
  WHERE migration.name = applied.name`
