import { randomBytes } from 'node:crypto'
import { type Database, openDatabase } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { Migration } from '@mikro-orm/migrations'
import { expect } from 'chai'
import { isHeld, isTransient } from '../sql/errors.ts'
import { endOtherSessions, holdDatabase, releaseDatabase } from './hold-database.ts'

class CreateNotes extends Migration {
  override up(): void {
    this.addSql('CREATE TABLE note (text text)')
  }
}

const schema = { entities: [], migrations: [CreateNotes] }

describe('a database that is held for a restore', () => {
  const role = `service_${randomBytes(4).toString('hex')}`
  let test: TestDatabase
  let service: Database
  let restoring: Database

  before(async () => {
    test = await createTestDatabase({ ...schema, poolSize: 3 })
    // The service's role owns nothing.
    await query(test.database.em(), `CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
    await query(test.database.em(), `GRANT SELECT, INSERT ON note TO ${role}`)
    service = await open({ applicationName: 'service' })
    restoring = await open({ applicationName: 'restore', evenWhenHeld: true })
  })
  after(async () => {
    await Promise.all([service.close(), restoring.close()])
    await query(test.database.em(), `DROP OWNED BY ${role}`)
    await query(test.database.em(), `DROP ROLE ${role}`)
    await test.drop()
  })

  function open(options: { readonly applicationName: string; readonly evenWhenHeld?: boolean }) {
    const url = new URL(test.url)
    url.username = role
    url.password = role
    const log = createLog({ service: 'test', level: 'silent' })
    return openDatabase({ ...schema, url: url.href, poolSize: 2, log, ...options })
  }

  const write = (database: Database, text: string): Promise<unknown> =>
    database.transaction((em) => query(em, 'INSERT INTO note VALUES ($1)', [text]))
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => expect.fail('it did not fail'),
      (error: unknown) => error,
    )

  it('refuses all connections but those of the restore, also older ones and one in the middle of a transaction', async () => {
    const before = service.transaction(async (em) => {
      await query(em, `INSERT INTO note VALUES ('begun before')`)
      await restoring.transaction(holdDatabase)
      await endOtherSessions(restoring)
    })
    expect(isTransient(await failureOf(before))).to.equal(true)
    const attempts = [() => write(service, 'held'), () => query(service.em(), 'SELECT * FROM note')]
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
    expect(isHeld(await failureOf(write(service, 'still held')))).to.equal(true)
    await restoring.transaction(releaseDatabase)
    await write(service, 'released')
    const rows = await query(service.em(), 'SELECT text FROM note ORDER BY text')
    expect(rows).to.deep.equal([{ text: 'released' }, { text: 'restored' }])
  })
})
