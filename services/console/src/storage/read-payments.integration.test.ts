import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { expect } from 'chai'
import { CreateTrail } from './migrations/0001-create-trail.ts'
import { listPayments, paymentsQuery } from './read-payments.ts'

/** The second id differs from the first in its last digit, the third in its tenth. */
const ids = [
  '0a1b2c3d-4e5f-4789-8abc-def012345678',
  '0a1b2c3d-4e5f-4789-8abc-def012345679',
  '0a1b2c3d-4f5f-4789-8abc-def012345678',
] as const

describe('the list of payments by the beginning of their id', () => {
  let db: TestDatabase
  before(async () => {
    db = await createTestDatabase({ entities: [], migrations: [CreateTrail] })
    const others = Array.from({ length: 5_000 }, () => `f${randomUUID().slice(1)}`)
    await query(db.database.em(), insertPayments, [[...ids, ...others]])
    await query(db.database.em(), 'ANALYZE payment')
  })
  after(() => db?.drop())

  it('has the payments that match, for beginnings of any length, with dashes and without', async () => {
    for (const prefix of ['0a1b2c3', '0a1b2c3d', '0a1b2c3d-', '0a1b2c3d-4', '0a1b2c3d4'])
      expect(await listed(prefix), prefix).to.have.members(ids)
    for (const prefix of ['0a1b2c3d-4e', '0a1b2c3d4e5', '0a1b2c3d-4e5f-4789-8abc-def01234567'])
      expect(await listed(prefix), prefix).to.have.members(ids.slice(0, 2))
    expect(await listed(ids[0])).to.deep.equal([ids[0]])
    expect(await listed(ids[0].replaceAll('-', ''))).to.deep.equal([ids[0]])
    expect(await listed('0a1b2c3e')).to.deep.equal([])
  })

  it('ignores case', async () => {
    expect(await listed('0A1B2C3D-4E')).to.have.members(ids.slice(0, 2))
  })

  it('continues after its last payment', async () => {
    const em = db.database.em()
    const [first] = await listPayments(em, { idPrefix: '0a1b2c3d-', limit: 1 })
    const before = { time: new Date(first?.createTime ?? ''), id: first?.paymentId ?? '' }
    const rest = await listPayments(em, { idPrefix: '0a1b2c3d-', limit: 10, before })
    expect([first, ...rest].map((payment) => payment?.paymentId)).to.have.members(ids)
  })

  it('is read by the primary key', async () => {
    const { sql, parameters } = paymentsQuery({ idPrefix: '0a1b2c3', limit: 50 })
    const plan = await query(db.database.em(), `EXPLAIN ${sql}`, parameters)
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).to.match(/Index Scan.* payment_pkey/)
  })

  async function listed(idPrefix: string): Promise<string[]> {
    const payments = await listPayments(db.database.em(), { idPrefix, limit: 50 })
    return payments.map(({ paymentId }) => paymentId)
  }
})

const insertPayments = `
  INSERT INTO payment (payment_id, user_id, reservation_id, amount, status, refund, sequence, created_at, updated_at, recorded_at)
  SELECT id, 'ada', gen_random_uuid(), 100, 'PENDING', 'NONE', 1, time, time, time
  FROM unnest($1::uuid[]) WITH ORDINALITY AS made (id, nth), date_trunc('milliseconds', now() - nth * interval '1 s') AS time`
