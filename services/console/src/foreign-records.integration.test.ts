import { randomUUID } from 'node:crypto'
import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import {
  type ForeignBatch,
  type ForeignWriter,
  startForeignWriter,
} from '@boxoffice/common/testing/foreign-writer/foreign-writer.ts'
import { createTopics, type OffsetRange, offsetRanges, withAdmin } from '@boxoffice/kafka'
import { type Consumer, startConsumer } from '@boxoffice/messaging'
import { expect } from 'chai'
import { auditTrail } from './messages/audit-trail.ts'
import { createReadThrough } from './observe/read-through.ts'
import { CreateTrail } from './storage/migrations/0001-create-trail.ts'
import { rights } from './storage/migrations/rights.ts'

describe('the audit trail of records that other clients write', () => {
  const name = `console-${randomUUID()}`
  const topic = `test-${randomUUID()}`
  let kafka: Kafka
  let db: TestDatabase
  let service: Database
  let writer: ForeignWriter
  let consumer: Consumer

  before(async () => {
    const brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',')
    const log = createLog({ service: 'test', level: 'silent' })
    kafka = createKafka({ brokers, clientId: 'test', log })
    await createTopics(kafka, [
      { name: topic, partitions: 1, replicas: 3, config: { 'min.insync.replicas': '2' } },
    ])
    writer = await startForeignWriter(brokers)
    db = await createTestDatabase({ entities: [], migrations: [CreateTrail], rights })
    service = await db.asService()
    consumer = await startConsumer({
      name,
      kafka,
      database: service,
      handler: { ...auditTrail(() => undefined), topics: [topic] },
      source: 'boxoffice/console',
      log,
      metrics: createMetrics('test'),
    })
  })
  after(async () => {
    await consumer.stop()
    await writer.stop()
    await service.close()
    await db.drop()
  })

  it('keeps each batch that cannot be read, and is through although the last of them was given up', async () => {
    const value = Buffer.from('garbage')
    const batches: readonly Omit<ForeignBatch, 'topic'>[] = [
      { codec: 'snappy', records: [{ value }] },
      { codec: 'gzip', records: [{ value: 60_000_000 }] },
      { codec: 'zstd', records: [{ value: 5_000_000 }] },
      { codec: 'lz4', end: 'abort', records: [{ value }] },
    ]
    for (const batch of batches) await writer.write({ ...batch, topic })
    await until('the end of the last transaction', async () => (await ranges()).get(`${topic}/0`)?.end === 5n)
    const readThrough = createReadThrough(db.database, name)
    await until('the end of it', async () => {
      await readThrough.look(ranges)
      return readThrough.time !== undefined
    })
    const kept = await query<{ offset: string; problem: string; bytes: number }>(
      db.database.em(),
      'SELECT "offset"::text, problem, length(payload) AS bytes FROM message ORDER BY "offset"',
    )
    expect(kept.map(({ offset, problem }) => `${offset} ${problem.split(':')[0]}`)).to.deep.equal([
      '0 MISSING_HEADER',
      '1 UNREADABLE',
      '2 TOO_LARGE',
    ])
    expect(kept[2]?.problem).to.match(/only the first 65536 of 5000000 bytes are kept/)
    expect(Math.max(...kept.map(({ bytes }) => bytes))).to.equal(65_536)
  })

  async function ranges(): Promise<Map<string, OffsetRange>> {
    const found = await withAdmin(kafka, (admin) => offsetRanges(admin, topic))
    return new Map([...found].map(([partition, range]) => [`${topic}/${partition}`, range]))
  }
})
