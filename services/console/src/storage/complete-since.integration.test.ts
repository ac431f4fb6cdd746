import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { expect } from 'chai'
import { readCompleteSince } from './complete-since.ts'
import { judgePayments } from './judge-payments.ts'
import { CreateTrail } from './migrations/0001-create-trail.ts'
import { readTrailBooks } from './read-books.ts'

const minute = 60_000

describe('a trail', () => {
  let test: TestDatabase
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [CreateTrail] })
  })
  after(() => test.drop())
  beforeEach(() => query(test.database.em(), 'TRUNCATE message, payment, consumer_position'))

  const early = new Date('2026-03-01T10:00:00Z')
  const late = new Date('2026-03-01T11:00:00Z')
  const ranges = (...begins: readonly bigint[]) =>
    new Map(begins.map((begin, index) => [`point-events/${index}`, { begin, end: begin + 5n }]))

  it('that has the first record of each partition, or will have it, is complete from the beginning', async () => {
    await keep({ partition: 0, offset: 0, at: late })
    expect(await readCompleteSince(test.database.em(), ranges(0n, 0n))).to.equal(null)
    // Records that retention removes later have been read.
    expect(await readCompleteSince(test.database.em(), ranges(4n, 0n))).to.equal(null)
  })

  it('is complete since the last of the times at which its partitions were cut', async () => {
    await keep({ partition: 0, offset: 7, at: early })
    await keep({ partition: 0, offset: 8, at: new Date() })
    await keep({ partition: 1, offset: 3, at: late })
    await keep({ partition: 2, offset: 0, at: new Date() })
    const since = await readCompleteSince(test.database.em(), ranges(7n, 3n, 0n))
    expect(since?.getTime()).to.equal(late.getTime() + minute)
  })

  it('is complete since it began where no record of a cut partition could be read', async () => {
    await keep({ partition: 0, offset: 0, at: early })
    const begun = Date.now()
    const since = await readCompleteSince(test.database.em(), ranges(0n, 9n))
    expect(since?.getTime()).to.be.within(begun, Date.now())
  })

  it('is complete since now, not only in a minute, where all records were deleted before it began', async () => {
    const begun = Date.now()
    const since = await readCompleteSince(test.database.em(), ranges(9n, 9n))
    expect(since?.getTime()).to.be.within(begun, Date.now())
  })

  it('is complete since an operator accepted a topic that was created again', async () => {
    await keep({ partition: 0, offset: 0, at: early })
    await query(
      test.database.em(),
      `INSERT INTO consumer_position (consumer, topic, partition, next_offset, topic_id, accepted_at)
      VALUES ('console', 'point-events', 0, 0, $1, $2), ('console', 'point-events', 1, 0, $1, NULL)`,
      [randomUUID(), late.toISOString()],
    )
    const since = await readCompleteSince(test.database.em(), ranges(0n, 0n))
    expect(since?.getTime()).to.equal(late.getTime() + minute)
  })

  it('judges no payment from before it was complete, and counts those payments', async () => {
    const before = await pay(early)
    const after = await pay(late)
    const since = new Date((early.getTime() + late.getTime()) / 2)
    expect(await judgePayments(test.database, new Date(Date.now() + minute), since)).to.equal(1)
    const books = await readTrailBooks(test.database.em(), since, undefined)
    expect(books).to.include({ judgedCompleted: 1, waiting: 0, before: 1 })
    expect(books.faults.flatMap(({ payments }) => payments))
      .to.include(after)
      .and.not.include(before)
  })

  async function keep(record: { readonly partition: number; readonly offset: number; readonly at: Date }) {
    await query(
      test.database.em(),
      `INSERT INTO message (topic, partition, "offset", type, source, headers, made_at, published_at)
      VALUES ('point-events', $1, $2, '', '', '{}', $3, $3)`,
      [record.partition, record.offset, record.at.toISOString()],
    )
  }

  /** A payment that completed, although no debit is known. */
  async function pay(at: Date): Promise<string> {
    const paymentId = randomUUID()
    await query(
      test.database.em(),
      `INSERT INTO payment (payment_id, user_id, reservation_id, amount, status, refund, sequence, final, created_at,
        updated_at, recorded_at)
      VALUES ($1, 'ada', $1, 100, 'COMPLETED', 'NONE', 1, true, $2, $2, now())`,
      [paymentId, at.toISOString()],
    )
    return paymentId
  }
})
