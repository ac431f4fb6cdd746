import { randomUUID } from 'node:crypto'
import {
  type ConsumerFixture,
  createConsumerFixture,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { schemaOnTopic } from '@boxoffice/common/testing/schema-on-topic.ts'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { UsePointCommandSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'
import pg from 'pg'
import { type Consumer, migrateMessaging, type ReceivedMessage, startConsumer } from '../index.ts'
import { type Applied, createRestorer, type Restorer } from '../operations.ts'
import { releaseDatabase } from '../restore/hold-database.ts'
import { isHeld, isTransient } from '../sql/errors.ts'
import { createPgDatabase, type PgTransaction } from './index.ts'

describe('a restore on plain pools of pg', function () {
  this.timeout(150_000)
  let fixture: ConsumerFixture
  let test: TestDatabase
  let pool: pg.Pool
  let heldPool: pg.Pool
  let consumer: Consumer | undefined
  let restorer: Restorer<PgTransaction> | undefined

  before(async () => {
    fixture = await createConsumerFixture()
    test = await createTestDatabase({ entities: [], migrations: [] })
    const url = withOptions(test.url)
    pool = openPool(url, 'billing')
    heldPool = openPool(evenWhenHeld(url), 'billing restore')
    await migrateMessaging(createPgDatabase(pool))
    await pool.query('CREATE TABLE effect (key text)')
  })
  after(async () => {
    await consumer?.stop()
    await restorer?.stop()
    // Also after a test that has failed.
    await createPgDatabase(heldPool).transaction(releaseDatabase)
    await Promise.all([pool.end(), heldPool.end()])
    await test.drop()
    await fixture.dispose()
  })

  it('keeps the consumer from reading and writing until it is done, with an error that says so', async () => {
    const [inputs, own] = [await fixture.topic(), await fixture.topic()]
    const [database, held] = [createPgDatabase(pool), createPgDatabase(heldPool)]
    const applying = Promise.withResolvers<Applied>()
    const failures: unknown[] = []
    const seen = ({ err }: { err?: unknown }) => void failures.push(err)
    const log = { debug: () => {}, info: () => {}, warn: seen, error: seen }
    const handler = {
      topics: [inputs],
      codec: createProtobufCodec([schemaOnTopic(UsePointCommandSchema, inputs)]),
      async handle(tx: PgTransaction, messages: readonly ReceivedMessage[]) {
        for (const { key } of messages) await tx.query('INSERT INTO effect (key) VALUES ($1)', [key])
        return { outbox: [] }
      },
    }
    const options = { name: 'billing', source: 'billing', kafka: fixture.kafka, database, handler, log }
    const effects = async () => (await held.transaction((tx) => tx.query('SELECT FROM effect'))).length
    consumer = await startConsumer(options)
    await fixture.send(own, [commandRecord()])
    await fixture.send(inputs, [commandRecord()])
    await until('one is handled', async () => (await effects()) === 1)

    restorer = createRestorer({
      ...options,
      openHeld: async () => ({ ...held, close: async () => undefined }),
      restoring: {
        topics: [own],
        codec: createProtobufCodec([schemaOnTopic(UsePointCommandSchema, own)]),
        lineOf: () => 'all',
        apply: () => applying.promise,
      },
    })
    const restoreId = randomUUID()
    const from = new Date(Date.now() - 60_000)
    await restorer.start({ restoreId, from, acceptGone: false, subject: 'ann' })
    const failureOf = (text: string) =>
      database
        .transaction((tx) => tx.query(text))
        .then(
          () => undefined,
          (error: unknown) => error,
        )
    await until('older sessions have ended', async () => isHeld(await failureOf('SELECT FROM effect')))
    for (const text of ['SELECT FROM effect', `INSERT INTO effect (key) VALUES ('held')`]) {
      const failure = await failureOf(text)
      expect([isHeld(failure), isTransient(failure)]).to.deep.equal([true, true])
    }
    await fixture.send(inputs, [commandRecord()])
    await until('the consumer says so', () => failures.some(isHeld))
    expect(await effects()).to.equal(1)

    applying.resolve({ applied: 1, contradictions: [] })
    await until('the other is handled', async () => (await effects()) === 2, 60_000)
    expect(await restorer.read(restoreId)).to.include({ phase: 'DONE', factsApplied: 1n })
    expect(await database.transaction((tx) => tx.query('SELECT FROM effect'))).to.have.length(2)
  })
})

function openPool(connectionString: string, applicationName: string): pg.Pool {
  const opened = new pg.Pool({ connectionString, application_name: applicationName, max: 4 })
  opened.on('error', () => undefined)
  return opened
}

function evenWhenHeld(url: string): string {
  const held = new URL(url)
  const options = held.searchParams.get('options')
  held.searchParams.set('options', `${options} -c default_transaction_read_only=off`)
  return held.href
}
