import { Migration } from '@mikro-orm/migrations'
import { expect } from 'chai'
import type { Logger } from '../telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { openDatabase } from './database.ts'
import { waitForSchema } from './wait-for-schema.ts'

class First extends Migration {
  override up(): void {
    this.addSql('SELECT 1')
  }
}

class Second extends First {}

describe('waitForSchema', () => {
  const log = { warn: () => {}, info: () => {} } as unknown as Logger
  let test: TestDatabase
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [First] })
  })
  after(() => test.drop())

  it('accepts a schema that is complete, also one that is newer', async () => {
    const signal = AbortSignal.timeout(5_000)
    await waitForSchema({ database: test.database, migrations: [], log, signal })
    await waitForSchema({ database: test.database, migrations: [First], log, signal })
  })

  it('logs which migrations are missing, and waits until they have been applied', async () => {
    const lines: { details: unknown; message: string }[] = []
    const logged = Promise.withResolvers<void>()
    const warn = (details: unknown, message: string): void => {
      lines.push({ details, message })
      logged.resolve()
    }
    const database = await openDatabase({
      entities: [],
      migrations: [First, Second],
      url: test.url,
      poolSize: 2,
      applicationName: 'later',
      log,
    })
    try {
      const waiting = waitForSchema({
        database: test.database,
        migrations: [First, Second],
        log: { warn } as unknown as Logger,
        signal: AbortSignal.timeout(20_000),
      })
      await logged.promise
      await database.migrate()
      await waiting
    } finally {
      await database.close()
    }
    expect(lines).to.have.length(1)
    expect(lines[0]?.details).to.deep.equal({ missing: ['Second'] })
    expect(lines[0]?.message).to.contain('`migrate`')
  })

  it('ends when the process stops', async () => {
    const stopping = new AbortController()
    const waiting = waitForSchema({
      database: test.database,
      migrations: [class Never extends First {}],
      log,
      signal: stopping.signal,
    })
    stopping.abort(new Error('stopped'))
    expect(await waiting.catch((error: Error) => error.name)).to.be.oneOf(['AbortError', 'Error'])
  })
})
