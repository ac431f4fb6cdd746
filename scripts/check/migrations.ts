import { createHash } from 'node:crypto'
import { glob, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MigrationClass } from '@boxoffice/common/postgres/migration-class.ts'
import { migrations, referencePlace } from '@boxoffice/messaging/sql'
import { repositoryDir } from '../platform/paths.ts'

/** SHA-256 of the statements of each migration, by the name of its file or, of messaging's, by its number. */
export type MigrationSums = Readonly<Record<string, string>>

const sumsFile = path.join(repositoryDir, 'scripts/check/migrations.json')

// `node scripts/check/migrations.ts` notes migrations that are new. It changes no sum that is there.
if (import.meta.main) {
  const sums = { ...(await readMigrations()), ...(await readSums()) }
  await writeFile(sumsFile, `${JSON.stringify(sums, null, 2)}\n`)
}

/**
 * What is wrong with the migrations, one sentence each: what a database has had applied is never changed and never taken away, since no
 * database would be as the code expects it.
 */
export function faultsOf(migrations: MigrationSums, sums: MigrationSums): string[] {
  const changed = Object.entries(sums)
    .filter(([name, sum]) => migrations[name] !== sum)
    .map(
      ([name]) =>
        `${name} ${migrations[name] ? 'says something else' : 'is gone'}, and databases have had it: leave it as it was, and add a new migration.`,
    )
  const added = Object.keys(migrations)
    .filter((name) => !(name in sums))
    .map(
      (name) =>
        `${name} is new: \`node scripts/check/migrations.ts\` notes it, and from then on it stays as it is.`,
    )
  return [...changed, ...added]
}

/** The sums of the migrations as they are now. */
export async function readMigrations(): Promise<MigrationSums> {
  const sums: Record<string, string> = {}
  for (const migration of migrations)
    sums[`messaging ${migration.version}`] = sumOf(migration.statements(referencePlace))
  const files: string[] = []
  for await (const file of glob('services/*/src/storage/migrations/[0-9]*.ts', { cwd: repositoryDir }))
    files.push(file)
  for (const file of files.sort()) {
    const loaded: Record<string, MigrationClass> = await import(
      pathToFileURL(path.join(repositoryDir, file)).href
    )
    const statements = Object.values(loaded).map((Migration) => statementsOf(Migration))
    sums[file.replaceAll(path.sep, '/')] = sumOf((await Promise.all(statements)).flat())
  }
  return sums
}

export async function readSums(): Promise<MigrationSums> {
  return JSON.parse(await readFile(sumsFile, 'utf8'))
}

/** Without a database, of which no migration asks anything. */
async function statementsOf(Migration: MigrationClass): Promise<string[]> {
  const nothing = undefined as never
  const migration = new Migration(nothing, nothing)
  await migration.up()
  return migration.getQueries().map(String)
}

/** As a database remembers it: spaces do not count. */
function sumOf(statements: readonly string[]): string {
  const text = statements.map((statement) => statement.replace(/\s+/g, ' ')).join(';')
  return createHash('sha256').update(text).digest('hex')
}
