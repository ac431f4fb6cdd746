import { expect } from 'chai'
import { faultsOf, isOutsideStorage } from './orm-calls.ts'

describe('SQL and calls of the ORM', () => {
  for (const line of [
    '  const wallet = await em.findOne(WalletEntity, { userId })',
    '  const rows = await database.em().find(WalletEntity, {})',
    '  await em.flush()',
    '  const sql = em.getKysely()',
    '  const [row] = await run(`SELECT 1 FROM wallet`)',
    'const find = "DELETE FROM wallet"',
    '  INSERT INTO wallet (user_id) VALUES ($1)',
    '  UPDATE wallet SET balance = 0',
    '  WITH locked AS (',
  ]) {
    it(`are faults outside storage: ${line.trim()}`, () => {
      expect(faultsOf('services/point/src/use-cases/charge.ts', line)).to.have.length(1)
    })
  }

  for (const line of [
    '  await lockWallets(em, userIds)',
    '  return database.transaction((em) => chargeTogether(em, calls))',
    '  const found = await findWallet(database.em(), userId)',
    "import { isMember } from './item.ts'",
    ' * Needs em.flush() before it',
    "  throw new Error('select a seat; delete from the list')",
  ]) {
    it(`may be passed on and written about: ${line.trim()}`, () => {
      expect(faultsOf('services/point/src/use-cases/charge.ts', line)).to.deep.equal([])
    })
  }

  it('are searched in every service, even a future one, but not in storage, tests or libraries', () => {
    expect(
      [
        'services/coupon/src/use-cases/claim.ts',
        'services/point/src/api/charge-points.ts',
        'services/point/src/storage/find-wallet.ts',
        'services/point/src/storage/migrations/0001-create-wallets.ts',
        'services/point/src/api/point-service.integration.test.ts',
        'services/point/src/testing/start-point.ts',
        'services/common/src/postgres/query.ts',
        'services/outbox-relay/src/delete-rows.ts',
      ].filter(isOutsideStorage),
    ).to.deep.equal(['services/coupon/src/use-cases/claim.ts', 'services/point/src/api/charge-points.ts'])
  })
})
