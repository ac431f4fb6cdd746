import { beginPositions } from '@boxoffice/common/inbox/positions.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { expect } from 'chai'
import { CreateTrail } from '../storage/migrations/0001-create-trail.ts'
import { createReadThrough } from './read-through.ts'

describe('how far the trail has been read through', () => {
  const consumer = 'console'
  let test: TestDatabase
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [CreateTrail] })
    await beginPositions(test.database.em(), consumer, [
      { topic: 'point-events', partition: 0, nextOffset: 0n },
    ])
  })
  after(() => test.drop())

  const endsAt = async (end: bigint) => new Map([['point-events/0', { begin: 0n, end }]])
  const readTo = (offset: bigint) =>
    query(test.database.em(), 'UPDATE consumer_position SET next_offset = $1', [String(offset)])

  it('is unknown until all has been read that there was at some time, also while more is coming', async () => {
    const readThrough = createReadThrough(test.database, consumer)
    await readTo(2n)
    await readThrough.look(() => endsAt(5n))
    expect(readThrough.time).to.equal(undefined)
    await readTo(6n)
    await readThrough.look(() => endsAt(9n))
    const first = readThrough.time
    expect(first).to.be.instanceOf(Date)
    await readTo(9n)
    await readThrough.look(() => endsAt(9n))
    expect(readThrough.time?.getTime()).to.be.greaterThan(first?.getTime() ?? 0)
  })

  it('is unknown again once what was read is read anew', async () => {
    const readThrough = createReadThrough(test.database, consumer)
    await readTo(9n)
    await readThrough.look(() => endsAt(9n))
    expect(readThrough.time).to.be.instanceOf(Date)
    await readTo(0n)
    await readThrough.look(() => endsAt(9n))
    expect(readThrough.time).to.equal(undefined)
  })
})
