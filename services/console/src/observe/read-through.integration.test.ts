import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { expect } from 'chai'
import { CreateTrail } from '../storage/migrations/0001-create-trail.ts'
import { createReadThrough } from './read-through.ts'

describe('the time up to which the trail has been read', () => {
  const consumer = 'console'
  let test: TestDatabase
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [CreateTrail] })
    const insert = `INSERT INTO consumer_position (consumer, topic, partition, next_offset) VALUES ($1, $2, 0, 0)`
    await query(test.database.em(), insert, [consumer, 'point-events'])
  })
  after(() => test.drop())

  const endsAt = async (end: bigint) => new Map([['point-events/0', { begin: 0n, end }]])
  const readTo = (offset: bigint) =>
    query(test.database.em(), 'UPDATE consumer_position SET next_offset = $1', [String(offset)])

  it('is known once everything that was there at one look has been read, even while more arrives', async () => {
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

  it('is not held back by a partition whose records are gone, wherever its offsets begin', async () => {
    const readThrough = createReadThrough(test.database, consumer)
    const holds = async (begin: bigint, end: bigint) => new Map([['point-events/0', { begin, end }]])
    await readTo(2n)
    await readThrough.look(() => holds(0n, 5n))
    expect(readThrough.time).to.equal(undefined)
    await readThrough.look(() => holds(5n, 5n))
    const first = readThrough.time
    expect(first).to.be.instanceOf(Date)
    await until('it goes on', async () => {
      await readThrough.look(() => holds(5n, 5n))
      return (readThrough.time?.getTime() ?? 0) > (first?.getTime() ?? 0)
    })
  })

  it('is unknown while a recreated topic has the name of the one that was read', async () => {
    const [former, current] = [randomUUID(), randomUUID()]
    const readThrough = createReadThrough(test.database, consumer)
    const holds = async (topicId: string) => new Map([['point-events/0', { begin: 0n, end: 2n, topicId }]])
    await query(test.database.em(), 'UPDATE consumer_position SET next_offset = 9, topic_id = $1', [former])
    await readThrough.look(() => holds(former))
    expect(readThrough.time).to.be.instanceOf(Date)
    await readThrough.look(() => holds(current))
    expect(readThrough.time).to.equal(undefined)
    await query(test.database.em(), 'UPDATE consumer_position SET next_offset = 2, topic_id = $1', [current])
    await readThrough.look(() => holds(current))
    expect(readThrough.time).to.be.instanceOf(Date)
    await query(test.database.em(), 'UPDATE consumer_position SET topic_id = NULL')
  })

  it('is unknown again while records are read again', async () => {
    const readThrough = createReadThrough(test.database, consumer)
    await readTo(9n)
    await readThrough.look(() => endsAt(9n))
    expect(readThrough.time).to.be.instanceOf(Date)
    await readTo(0n)
    await readThrough.look(() => endsAt(9n))
    expect(readThrough.time).to.equal(undefined)
  })
})
