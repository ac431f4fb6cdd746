import { Migration } from '@mikro-orm/migrations'
import { defineEntity, p } from '@mikro-orm/postgresql'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { createMessagingTables } from './messaging-tables.ts'
import { query } from './query.ts'

const WalletSchema = defineEntity({
  name: 'Wallet',
  tableName: 'wallet',
  properties: { userId: p.string().primary(), balance: p.bigint('bigint') },
})

class CreateTables extends Migration {
  override up(): void {
    for (const statement of createMessagingTables) this.addSql(statement)
    this.addSql(
      'CREATE TABLE wallet (user_id text PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0))',
    )
  }
}

describe('a database', () => {
  let test: TestDatabase
  before(async () => {
    test = await createTestDatabase({ entities: [WalletSchema], migrations: [CreateTables] })
  })
  after(() => test.drop())

  it('commits what a transaction did', async () => {
    await test.database.transaction(async (em) => {
      em.create(WalletSchema, { userId: 'alice', balance: 10n })
      await query(em, "INSERT INTO wallet VALUES ('bob', 20)")
    })
    const wallets = await test.database.em().find(WalletSchema, {}, { orderBy: { userId: 'asc' } })
    expect(wallets.map((wallet) => [wallet.userId, wallet.balance])).to.deep.equal([
      ['alice', 10n],
      ['bob', 20n],
    ])
  })
})
