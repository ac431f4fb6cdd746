import { randomUUID } from 'node:crypto'
import { type Database, openDatabase } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import { recreateTopic } from '@boxoffice/common/testing/recreate-topic.ts'
import { schemaOnTopic } from '@boxoffice/common/testing/schema-on-topic.ts'
import { topicRanges, withAdmin } from '@boxoffice/kafka'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import {
  type UsePointCommand,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'
import { isHeld } from '../sql/errors.ts'
import { holdDatabase, releaseDatabase } from './hold-database.ts'
import { outputSince } from './output-since.ts'
import type { Applied, Fact, RestoreHandler } from './restore-handler.ts'
import { insertRestore, passOverFormerTopics, readRestore } from './restore-rows.ts'
import { createRestorer, type Restorer } from './restorer.ts'

const log = createLog({ service: 'test', level: 'silent' })

describe('a restore', function () {
  this.timeout(150_000)
  let fixture: ConsumerFixture
  let service: Database
  let own: string
  let inputs: string
  const restorers: Restorer[] = []

  before(async () => {
    fixture = await createConsumerFixture()
    service = await open(false)
  })
  beforeEach(async () => {
    await fixture.clear()
    await fixture.query('TRUNCATE restore, restore_fact CASCADE')
    own = await fixture.topic(2)
    inputs = await fixture.topic(1)
  })
  afterEach(async () => {
    await Promise.all(restorers.splice(0).map((restorer) => restorer.stop()))
    // Also after a test that has failed: the others need the database.
    await pastTheHold((database) => database.transaction(releaseDatabase))
  })
  after(async () => {
    await service.close()
    await fixture.dispose()
  })

  it('applies each published fact once, line by line, and gives the database back with its inputs to read again', async () => {
    const first = commandRecord({ key: 'ada', userId: 'ada', amount: 1n, partition: 0 })
    await fixture.send(inputs, [commandRecord(), commandRecord()])
    await fixture.query(`INSERT INTO consumer_position VALUES ('restored', $1, 0, 2)`, [inputs])
    await fixture.send(own, [
      first,
      commandRecord({ key: 'bob', userId: 'bob', amount: 2n, partition: 1 }),
      { key: 'ada', value: Buffer.from('garbage'), headers: {}, partition: 1 },
      // Published again: all consumers have handled the first.
      commandRecord({ id: first.id, key: 'ada', userId: 'ada', amount: 100n, partition: 0 }),
      commandRecord({ key: 'ada', userId: 'ada', amount: 3n, partition: 1 }),
    ])
    const id = await begin()
    restorer(recordingEffects).wake()
    const restore = await done(id)
    expect(restore).to.include({
      records: 5n,
      recordsRead: 5n,
      recordsUnreadable: 1n,
      facts: 3n,
      factsApplied: 3n,
      factsKnown: 0n,
    })
    expect((await fixture.effects()).map(({ key, amount }) => `${key} ${amount}`)).to.deep.equal([
      'ada 1',
      'ada 3',
      'bob 2',
    ])
    expect(await held()).to.equal(false)
    const [position] = await fixture.query<{ next_offset: string; replay_until: string }>(
      'SELECT next_offset::text, replay_until::text FROM consumer_position',
    )
    expect(position).to.deep.equal({ next_offset: '0', replay_until: '2' })
  })

  it('is taken over by another replica when the one that works on it stops', async () => {
    await fixture.send(own, [commandRecord({ partition: 0 }), commandRecord({ partition: 1 })])
    const entered = Promise.withResolvers<void>()
    const blocked = Promise.withResolvers<Applied>()
    const id = await begin()
    const one = restorer(() => {
      entered.resolve()
      return blocked.promise
    })
    one.wake()
    await entered.promise
    const other = restorer(recordingEffects)
    other.resume()
    blocked.reject(new Error('killed'))
    await one.stop()
    await done(id)
    expect(await fixture.effects()).to.have.length(2)
  })

  it('counts what has left retention, before it began and while it read', async () => {
    await fixture.send(
      own,
      [0, 0, 0, 1, 1, 1, 1].map((partition) => commandRecord({ partition })),
    )
    const id = await begin()
    const readOnce = `INSERT INTO restore_partition VALUES ($1, $2, 1, 0, 1, 3, 0)`
    await fixture.query(readOnce, [id, own])
    await deleteRecords(fixture.kafka, own, [0], 2)
    await deleteRecords(fixture.kafka, own, [1], 3)
    restorer(recordingEffects).wake()
    expect(await done(id)).to.include({ recordsGone: 4n, facts: 2n, factsApplied: 2n })
  })

  for (const [what, count] of [
    ['is empty', 0],
    ['has more records', 9],
  ] as const) {
    it(`mixes nothing where the topic was created again meanwhile and ${what}, and goes on once that is accepted`, async () => {
      await fixture.send(
        own,
        [1n, 2n, 3n, 4n].map((amount) => commandRecord({ amount, partition: 0 })),
      )
      const id = await begin()
      const { topicId } = await withAdmin(fixture.kafka, (admin) => topicRanges(admin, own))
      // Half of the former topic was read.
      await fixture.query('INSERT INTO restore_partition VALUES ($1, $2, 0, 0, 2, 4, 0, $3)', [
        id,
        own,
        topicId,
      ])
      await recreateTopic(fixture.kafka, own, 2)
      await fixture.send(
        own,
        Array.from({ length: count }, (_, nth) =>
          commandRecord({ amount: 100n + BigInt(nth), partition: 0 }),
        ),
      )
      const restoring = restorer(recordingEffects)
      restoring.wake()
      await until('it says so', async () =>
        (await restoreOf(id)).error.includes('created again while it was read'),
      )
      expect(await restoreOf(id)).to.include({ recordsRead: 2n, facts: 0n })
      const output = await withAdmin(fixture.kafka, (admin) => outputSince(admin, [own], new Date(0)))
      await pastTheHold((database) => database.transaction((em) => passOverFormerTopics(em, id, output)))
      restoring.wake()
      expect(await done(id)).to.include({
        recordsGone: 2n,
        records: 2n + BigInt(count),
        facts: BigInt(count),
      })
    })
  }

  type Apply = RestoreHandler['apply']

  const recordingEffects: Apply = async (sql, facts) => {
    for (const { userId, amount } of facts.map(({ body }: Fact) => body as UsePointCommand)) {
      await sql.query('INSERT INTO effect (key, amount) VALUES ($1, $2)', [userId, String(amount)])
    }
    return { applied: facts.length, contradictions: [] }
  }

  function restorer(apply: Apply): Restorer {
    const made = createRestorer({
      name: 'restored',
      handler: recordingHandler([inputs]),
      kafka: fixture.kafka,
      database: service,
      openHeld: () => open(true),
      log,
      restoring: {
        topics: [own],
        codec: createProtobufCodec([schemaOnTopic(UsePointCommandSchema, own)]),
        lineOf: ({ body }) => (body as UsePointCommand).userId,
        apply,
      },
    })
    restorers.push(made)
    return made
  }

  function open(evenWhenHeld: boolean): Promise<Database> {
    const applicationName = evenWhenHeld ? 'restore' : 'service'
    const url = fixture.db.url
    return openDatabase({
      url,
      entities: [],
      migrations: [],
      poolSize: 3,
      log,
      applicationName,
      evenWhenHeld,
    })
  }

  async function begin(): Promise<string> {
    const restoreId = randomUUID()
    await fixture.db.database.transaction(async (em) => {
      await insertRestore(em, { restoreId, from: new Date(Date.now() - 60_000), startedBy: 'olga' })
      await holdDatabase(em)
    })
    return restoreId
  }

  function restoreOf(id: string) {
    return pastTheHold((database) => readRestore(database.em(), id))
  }

  async function pastTheHold<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await open(true)
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  }

  async function done(id: string) {
    await until('it is done', async () => (await restoreOf(id)).phase === 'DONE', 60_000)
    return await restoreOf(id)
  }

  async function held(): Promise<boolean> {
    return await query(service.em(), 'SELECT 1').then(
      () => false,
      (error: unknown) => isHeld(error) || Promise.reject(error),
    )
  }
})
