import { Migration } from '@mikro-orm/migrations'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { createMessagingTables } from './messaging-tables.ts'
import { query } from './query.ts'

class CreateTables extends Migration {
  override up(): void {
    for (const statement of createMessagingTables) this.addSql(statement)
  }
}

class CreateNothing extends Migration {
  override up(): void {
    this.addSql('SELECT 1')
  }
}

describe('the publications of shards', () => {
  const opened: TestDatabase[] = []
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.drop()
  })
  const open = async (migration: typeof CreateTables): Promise<TestDatabase> => {
    const test = await createTestDatabase({ entities: [], migrations: [migration] })
    opened.push(test)
    return test
  }
  const publications = async ({ database }: TestDatabase): Promise<string[]> => {
    const rows = await query<{ name: string }>(
      database.em(),
      'SELECT pubname::text AS name FROM pg_publication ORDER BY 1',
    )
    return rows.map(({ name }) => name)
  }

  it('are made by a migration that is told of shards, once, and those of other numbers stay', async () => {
    const test = await open(CreateTables)
    expect(await publications(test)).to.deep.equal(['outbox'])
    for (const relayShards of [2, 2, 3, 1]) await test.database.migrate({ relayShards })
    expect(await publications(test)).to.deep.equal([
      ...['outbox', 'outbox_1of2', 'outbox_1of3', 'outbox_2of2', 'outbox_2of3', 'outbox_3of3'],
    ])
  })

  it('are not made where there is no outbox', async () => {
    const test = await open(CreateNothing)
    await test.database.migrate({ relayShards: 2 })
    expect(await publications(test)).to.deep.equal([])
  })
})
