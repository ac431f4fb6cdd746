import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { expect } from 'chai'
import { entities } from '../storage/entities.ts'
import { CreateWallets } from '../storage/migrations/0001-create-wallets.ts'
import { acceptCharges, type NewCharge } from './charge-points.ts'

/** Enough rounds for two groups with different lock orders to meet: without a common order the first rounds fail. */
const rounds = 30
const usersOfGroup = 30

describe('Two groups of charges at once, for the same users in opposite orders', () => {
  let test: TestDatabase
  before(async () => {
    test = await createTestDatabase({ entities, migrations: [CreateWallets] })
  })
  after(() => test.drop())

  it('never deadlock on wallets that neither group has found, nor on existing ones', async () => {
    for (let round = 0; round < rounds; round++) {
      // The first charge inserts the wallet, and the second one finds it.
      const users = Array.from({ length: usersOfGroup }, (_, nth) => `user-${Math.floor(round / 2)}-${nth}`)
      const groups = await Promise.all(
        [users, users.toReversed()].map((order) => acceptCharges(test.database, order.map(chargeOf))),
      )
      const outcomes = new Set(groups.flat().map(({ outcome }) => outcome))
      expect([...outcomes], `round ${round}`).to.deep.equal(['ACCEPTED'])
    }
    const balances = await query(test.database.em(), 'SELECT DISTINCT balance::int FROM wallet', [])
    expect(balances).to.deep.equal([{ balance: 4 }])
  })
})

function chargeOf(userId: string): NewCharge {
  return {
    transactionId: randomUUID(),
    userId,
    requestId: randomUUID(),
    fingerprint: new Uint8Array([1]),
    amount: 1n,
    traceparent: '',
  }
}
