import { Migration } from '@mikro-orm/migrations'
import { expect } from 'chai'
import { createLog } from '../telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { openDatabase } from './database.ts'
import type { MigrationClass } from './migration-class.ts'
import { query } from './query.ts'

/** A migration of this name with this one statement. */
function migrationOf(name: string, statement: string): MigrationClass {
  const named = {
    [name]: class extends Migration {
      override up(): void {
        this.addSql(statement)
      }
    },
  }
  return named[name] as MigrationClass
}

describe('the migrations of a database', () => {
  const first = migrationOf('First', 'CREATE TABLE first (id int)')
  const second = migrationOf('Second', 'CREATE TABLE second (id int)')
  let test: TestDatabase
  beforeEach(async () => {
    test = await createTestDatabase({ entities: [], migrations: [first] })
  })
  afterEach(() => test.drop())

  /** Migrates the database with another version of the code. */
  async function migrateWith(...migrations: readonly MigrationClass[]): Promise<string[]> {
    const database = await openDatabase({
      entities: [],
      migrations,
      url: test.url,
      poolSize: 2,
      applicationName: 'other code',
      log: createLog({ service: 'test', level: 'error' }),
    })
    try {
      return await database.migrate()
    } finally {
      await database.close()
    }
  }

  it('may be the same, formatted in another way, or more', async () => {
    expect(await migrateWith(first)).to.deep.equal([])
    expect(await migrateWith(migrationOf('First', 'CREATE TABLE\n  first (id int)'))).to.deep.equal([])
    expect(await migrateWith(first, second)).to.deep.equal(['Second'])
  })

  it('may be newer than the code', async () => {
    await migrateWith(first, second)
    expect(await migrateWith(first)).to.deep.equal([])
  })

  it('are refused when an applied one has another text now, and nothing is done', async () => {
    const changed = migrationOf('First', 'CREATE TABLE first (id int, added text)')
    const failure = await migrateWith(changed, second).catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'MIGRATION_CHANGED')
    expect(failure)
      .to.have.property('message')
      .that.matches(/^First said something else/)
    const [row] = await query(test.database.em(), "SELECT to_regclass('second') AS second")
    expect(row).to.deep.equal({ second: null })
  })

  it('are refused for a database without recorded checksums', async () => {
    await query(test.database.em(), 'ALTER TABLE mikro_orm_migrations DROP COLUMN checksum')
    const failure = await migrateWith(first).catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'MIGRATION_CHANGED')
  })
})
