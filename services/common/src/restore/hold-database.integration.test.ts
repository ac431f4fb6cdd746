import { Migration } from '@mikro-orm/migrations'
import { expect } from 'chai'
import { type Database, openDatabase } from '../postgres/database.ts'
import { isHeld, isTransient } from '../postgres/errors.ts'
import { query } from '../postgres/query.ts'
import { createLog } from '../telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { endOtherSessions, holdDatabase, releaseDatabase } from './hold-database.ts'

class CreateNotes extends Migration {
  override up(): void {
    this.addSql('CREATE TABLE note (text text)')
  }
}

const schema = { entities: [], migrations: [CreateNotes] }

describe('a database that is held for a restore', () => {
  let test: TestDatabase
  let restoring: Database

  before(async () => {
    test = await createTestDatabase({ ...schema, poolSize: 3 })
    restoring = await openDatabase({
      ...schema,
      url: test.url,
      poolSize: 2,
      applicationName: 'restore',
      log: createLog({ service: 'test', level: 'silent' }),
      evenWhenHeld: true,
    })
  })
  after(async () => {
    await restoring.close()
    await test.drop()
  })

  const write = (database: Database, text: string): Promise<unknown> =>
    database.transaction((em) => query(em, 'INSERT INTO note VALUES ($1)', [text]))
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => expect.fail('it did not fail'),
      (error: unknown) => error,
    )

  it('turns everybody away but the restore, also who was there before and in the middle of a transaction', async () => {
    const before = test.database.transaction(async (em) => {
      await query(em, `INSERT INTO note VALUES ('begun before')`)
      await restoring.transaction(holdDatabase)
      await endOtherSessions(restoring)
    })
    expect(isTransient(await failureOf(before))).to.equal(true)
    const attempts = [
      () => write(test.database, 'held'),
      () => query(test.database.em(), 'SELECT * FROM note'),
    ]
    for (const attempt of attempts) {
      const failure = await failureOf(attempt())
      expect([isHeld(failure), isTransient(failure)]).to.deep.equal([true, true])
    }
    await write(restoring, 'restored')
    expect(await query(restoring.em(), 'SELECT text FROM note')).to.deep.equal([{ text: 'restored' }])
  })

  it('is given back with the commit, to the connections of the same pool', async () => {
    await failureOf(
      restoring.transaction(async (em) => {
        await releaseDatabase(em)
        throw new Error('no')
      }),
    )
    expect(isHeld(await failureOf(write(test.database, 'still held')))).to.equal(true)
    await restoring.transaction(releaseDatabase)
    await write(test.database, 'released')
    const rows = await query(test.database.em(), 'SELECT text FROM note ORDER BY text')
    expect(rows).to.deep.equal([{ text: 'released' }, { text: 'restored' }])
  })
})
