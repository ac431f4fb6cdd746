import { query } from '@boxoffice/common/postgres/query.ts'
import { expect } from 'chai'
import { type RunningPayment, startPayment } from '../testing/start-payment.ts'
import { batchSizeMax } from './advance-due.ts'
import { askAgain } from './ask-again.ts'

describe('payments whose answers have not come', () => {
  const due = 2 * batchSizeMax + 50
  let service: RunningPayment

  before(async () => {
    service = await startPayment()
    await query(service.database.em(), insertDue, [due])
  })
  after(() => service.stop())

  it('are left for later once the service stops', async () => {
    await askAgain(service.timers, AbortSignal.abort())
    expect(await askedAgain()).to.equal(0)
  })

  it('all ask again when they are due', async () => {
    await askAgain(service.timers, new AbortController().signal)
    expect(await askedAgain()).to.equal(due)
  })

  async function askedAgain(): Promise<number> {
    const [row] = await query<{ count: number }>(
      service.database.em(),
      `SELECT count(*)::int AS count FROM outbox WHERE type LIKE '%.UsePointCommand'`,
    )
    return row?.count ?? 0
  }
})

const insertDue = `
  INSERT INTO payment (payment_id, user_id, reservation_id, amount, points, seats, refund, status, sequence, deadline, ask_again_at)
  SELECT gen_random_uuid(), 'ada', gen_random_uuid(), 1, 'UNKNOWN', 'UNKNOWN', 'NONE', 'PENDING', 1, now() + interval '1 h', now()
  FROM generate_series(1, $1)`
