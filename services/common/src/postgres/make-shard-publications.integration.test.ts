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

describe('the publications of shards', () => {
  let test: TestDatabase
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [CreateTables] })
  })
  after(() => test.drop())
  const publications = async ({ database }: TestDatabase): Promise<string[]> => {
    const rows = await query<{ name: string }>(
      database.em(),
      'SELECT pubname::text AS name FROM pg_publication ORDER BY 1',
    )
    return rows.map(({ name }) => name)
  }

  it('are created once by a migration with a number of shards, and those of other numbers stay', async () => {
    expect(await publications(test)).to.deep.equal(['messaging_outbox'])
    for (const relayShards of [2, 2, 3, 1]) await test.database.migrate({ relayShards })
    expect(await publications(test)).to.deep.equal([
      ...['', '_1of2', '_1of3', '_2of2', '_2of3', '_3of3'].map((shard) => `messaging_outbox${shard}`),
    ])
  })
})
