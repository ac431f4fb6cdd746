import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { refusedWith } from '@boxoffice/common/testing/refusal.ts'
import { startTestService, type TestService } from '@boxoffice/common/testing/service.ts'
import { PointService, PointTransactionKind } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { expect } from 'chai'
import { entities } from '../storage/entities.ts'
import { CreateWallets } from '../storage/migrations/0001-create-wallets.ts'
import { rights } from '../storage/migrations/rights.ts'
import { pointService } from './point-service.ts'

describe('PointService', () => {
  let service: TestService<typeof PointService.method>
  before(async () => {
    service = await startTestService(
      PointService,
      { entities, migrations: [CreateWallets], rights },
      pointService,
    )
  })
  after(() => service.stop())

  it('charges the wallet, returns the balance and publishes the charge', async () => {
    const ada = service.as('ada', ['cashier'])
    const charged = await ada.chargePoints({ requestId: randomUUID(), amount: 70n })
    expect(charged.balance).to.equal(70n)
    expect(charged.transaction).to.include({ kind: PointTransactionKind.CHARGE, amount: 70n, balance: 70n })
    expect((await ada.getBalance({})).balance).to.equal(70n)
    const rows = await query<{ topic: string; key: Buffer }>(
      service.database.em(),
      `SELECT topic, key FROM outbox WHERE headers->>'ce_subject' = $1`,
      [charged.transaction?.transactionId],
    )
    expect(rows.map(({ topic, key }) => `${topic} ${key}`)).to.deep.equal(['point-events ada'])
  })

  it('charges once for a request id that comes many times at once, also if it is the first charge of a wallet', async () => {
    const bob = service.as('bob', ['cashier'])
    const requestId = randomUUID()
    await Promise.all(Array.from({ length: 20 }, () => bob.chargePoints({ requestId, amount: 5n })))
    expect((await bob.getBalance({})).balance).to.equal(5n)
  })

  it('recognises a request whose id comes in capitals, and compares its other fields exactly', async () => {
    const fay = service.as('fay', ['cashier'])
    const requestId = randomUUID()
    await fay.chargePoints({ requestId, amount: 5n })
    await fay.chargePoints({ requestId: requestId.toUpperCase(), amount: 5n })
    expect((await fay.getBalance({})).balance).to.equal(5n)
    expect(await refusedWith(fay.chargePoints({ requestId: requestId.toUpperCase(), amount: 6n }))).to.equal(
      'ALREADY_EXISTS REQUEST_ID_REUSED',
    )
  })

  it('loses no charge among many at once', async () => {
    const carol = service.as('carol', ['cashier'])
    await Promise.all(
      Array.from({ length: 30 }, () => carol.chargePoints({ requestId: randomUUID(), amount: 3n })),
    )
    expect((await carol.getBalance({})).balance).to.equal(90n)
  })

  it('never deadlocks on the wallets of many users at once, new and old, and charges the wallet of each user', async () => {
    const users = Array.from({ length: 10 }, (_, nth) => `group-${nth}`)
    const charges = Array.from({ length: 200 }, (_, nth) => users[(nth * 7) % users.length] ?? '')
    await Promise.all(
      charges.map((user) =>
        service.as(user, ['cashier']).chargePoints({ requestId: randomUUID(), amount: 2n }),
      ),
    )
    for (const user of users) expect((await service.as(user).getBalance({})).balance).to.equal(40n)
  })

  it('refuses a bad charge among many at once, and no other', async () => {
    const full = service.as('full', ['cashier'])
    const others = service.as('others', ['cashier'])
    await query(service.database.em(), 'INSERT INTO wallet (user_id, balance) VALUES ($1, $2)', [
      'full',
      999_999_999_999_995n,
    ])
    const reused = randomUUID()
    await others.chargePoints({ requestId: reused, amount: 1n })
    const outcomes = await Promise.allSettled([
      ...[5n, 1n].map((amount) => full.chargePoints({ requestId: randomUUID(), amount })),
      others.chargePoints({ requestId: reused, amount: 2n }),
      ...Array.from({ length: 10 }, () => others.chargePoints({ requestId: randomUUID(), amount: 1n })),
    ])
    const reasons = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? outcome.reason.reason : 'charged',
    )
    expect(reasons.slice(0, 3).toSorted()).to.deep.equal(
      ['BALANCE_LIMIT_EXCEEDED', 'REQUEST_ID_REUSED', 'charged'].toSorted(),
    )
    expect(reasons.slice(3)).to.deep.equal(Array(10).fill('charged'))
    expect((await others.getBalance({})).balance).to.equal(11n)
  })

  it('lists the ledger newest first, page by page, and only that of the caller', async () => {
    const dan = service.as('dan', ['cashier'])
    for (const amount of [1n, 2n, 3n, 4n, 5n]) await dan.chargePoints({ requestId: randomUUID(), amount })
    const amounts: bigint[] = []
    let pageToken = ''
    do {
      const page = await dan.listPointTransactions({ pageSize: 2, pageToken })
      amounts.push(...page.transactions.map(({ amount }) => amount))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(amounts).to.deep.equal([5n, 4n, 3n, 2n, 1n])
    expect((await service.as('stranger').listPointTransactions({})).transactions).to.deep.equal([])
  })

  it('charges nothing for a caller who is no cashier, whatever other roles the caller has', async () => {
    for (const roles of [[], ['admin', 'operator', 'viewer', 'custodian']]) {
      const mallory = service.as('mallory', roles)
      const charge = mallory.chargePoints({ requestId: randomUUID(), amount: 1n })
      expect(await refusedWith(charge)).to.equal('PERMISSION_DENIED ROLE_MISSING')
      expect(await refusedWith(mallory.getBalance({}))).to.equal('NOT_FOUND WALLET_NOT_FOUND')
    }
  })

  it('refuses bad input and changes nothing', async () => {
    const eve = service.as('eve', ['cashier'])
    const requestId = randomUUID()
    const refused = [
      eve.chargePoints({ requestId, amount: 0n }),
      eve.chargePoints({ requestId, amount: -1n }),
      eve.chargePoints({ requestId, amount: 1_000_000_001n }),
      eve.chargePoints({ requestId: 'not-a-uuid', amount: 1n }),
      eve.chargePoints({ amount: 1n }),
      eve.listPointTransactions({ pageSize: 201 }),
    ]
    for (const refusal of await Promise.all(refused.map(refusedWith))) {
      expect(refusal).to.equal('INVALID_ARGUMENT FIELD_VIOLATION')
    }
    expect(await refusedWith(eve.listPointTransactions({ pageToken: 'invented' }))).to.equal(
      'INVALID_ARGUMENT PAGE_TOKEN_INVALID',
    )
    expect(await refusedWith(service.as().getBalance({}))).to.equal('UNAUTHENTICATED TOKEN_MISSING')
    expect(await refusedWith(eve.getBalance({}))).to.equal('NOT_FOUND WALLET_NOT_FOUND')
  })

  it('refuses a charge past the limit of a balance, and lets the same request be made again', async () => {
    const fay = service.as('fay', ['cashier'])
    await fay.chargePoints({ requestId: randomUUID(), amount: 1n })
    await query(service.database.em(), `UPDATE wallet SET balance = 999999999999999 WHERE user_id = 'fay'`)
    const requestId = randomUUID()
    expect(await refusedWith(fay.chargePoints({ requestId, amount: 2n }))).to.equal(
      'FAILED_PRECONDITION BALANCE_LIMIT_EXCEEDED',
    )
    await query(service.database.em(), `UPDATE wallet SET balance = 1 WHERE user_id = 'fay'`)
    expect((await fay.chargePoints({ requestId, amount: 2n })).balance).to.equal(3n)
  })
})
