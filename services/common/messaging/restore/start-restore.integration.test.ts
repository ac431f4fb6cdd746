import { randomUUID } from 'node:crypto'
import { type Database, openDatabase } from '@boxoffice/common/postgres/database.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { schemaOnTopic } from '@boxoffice/common/testing/schema-on-topic.ts'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { UsePointCommandSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'
import { MessagingError } from '../message/messaging-error.ts'
import { releaseDatabase } from './hold-database.ts'
import type { Applied } from './restore-handler.ts'
import { createRestorer, type Restorer } from './restorer.ts'
import type { StartRestore } from './start-restore.ts'

const log = createLog({ service: 'test', level: 'silent' })

describe('the start of a restore by a caller that remembers no requests', function () {
  this.timeout(150_000)
  let fixture: ConsumerFixture
  let held: Database
  let own: string
  let opened = 0
  let restorer: Restorer<EntityManager>
  let applying: PromiseWithResolvers<Applied>

  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    held = await openHeld()
    await held.transaction((em) =>
      em.query('TRUNCATE restore, restore_fact, consumer_position, replay CASCADE'),
    )
    own = await fixture.topic(1)
    const inputs = await fixture.topic(1)
    await fixture.send(own, [commandRecord()])
    applying = Promise.withResolvers()
    opened = 0
    restorer = createRestorer({
      name: 'restored',
      handler: recordingHandler([inputs]),
      kafka: fixture.kafka,
      database: fixture.db.database,
      async openHeld() {
        opened += 1
        return await openHeld()
      },
      log,
      restoring: {
        topics: [own],
        codec: createProtobufCodec([schemaOnTopic(UsePointCommandSchema, own)]),
        lineOf: () => 'all',
        apply: () => applying.promise,
      },
    })
  })
  afterEach(async () => {
    applying.resolve({ applied: 1, contradictions: [] })
    await restorer.stop()
    await held.transaction(releaseDatabase)
    await held.close()
  })
  after(() => fixture.dispose())

  it('holds the database once for each id, also when the same id comes again once its restore is done', async () => {
    const request = requestFrom(60_000)
    const started = await restorer.start(request)
    expect(started).to.include({ restoreId: request.restoreId, startedBy: 'ann' })
    expect(started.from).to.deep.equal(request.from)
    expect((await restorer.start(request)).restoreId).to.equal(request.restoreId)
    await finish(request.restoreId)
    expect(await restorer.start(request)).to.deep.equal(await restorer.read(request.restoreId))
    expect(await restorer.read(request.restoreId)).to.include({ phase: 'DONE', facts: 1n, factsApplied: 1n })
    expect(await restores()).to.deep.equal([request.restoreId])
  })

  it('refuses another id while a restore is under way: nothing would store that it has joined', async () => {
    const request = requestFrom(60_000)
    await restorer.start(request)
    const refused = await refusalOf(restorer.start({ ...request, restoreId: randomUUID() }))
    expect(refused).to.deep.include({ code: 'RESTORE_RUNNING', details: { restore_id: request.restoreId } })
    await finish(request.restoreId)
    expect(await restores()).to.deep.equal([request.restoreId])
  })

  it('begins one restore when the same id comes ten times at once', async () => {
    const request = requestFrom(60_000)
    const started = await held.transaction(async (em) => {
      // Nothing can be inserted until all have seen that no restore is under way.
      await em.query('LOCK TABLE restore IN SHARE MODE')
      const starting = Array.from({ length: 10 }, () => restorer.start(request))
      await until('all wait', async () => (await em.query(selectWaiting)).length === 10)
      return { all: Promise.all(starting) }
    })
    expect((await started.all).map(({ restoreId }) => restoreId)).to.deep.equal(
      Array(10).fill(request.restoreId),
    )
    expect(await restores()).to.deep.equal([request.restoreId])
  })

  it('refuses a time that has not come yet before it opens anything', async () => {
    expect(await refusalOf(restorer.start(requestFrom(-60_000)))).to.include({ code: 'RESTORE_FROM_FUTURE' })
    expect(opened).to.equal(0)
  })

  it('reports an id that it does not know', async () => {
    expect(await refusalOf(restorer.read(randomUUID()))).to.include({ code: 'RESTORE_NOT_FOUND' })
  })

  const selectWaiting = `
    SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND NOT granted`

  function requestFrom(agoMs: number): StartRestore<EntityManager> {
    const from = new Date(Date.now() - agoMs)
    return { restoreId: randomUUID(), from, acceptGone: false, subject: 'ann' }
  }

  async function finish(restoreId: string): Promise<void> {
    applying.resolve({ applied: 1, contradictions: [] })
    await until('it is done', async () => (await restorer.read(restoreId)).phase === 'DONE', 60_000)
  }

  async function restores(): Promise<string[]> {
    const rows = await held.transaction((em) =>
      em.query<{ restore_id: string }>('SELECT restore_id FROM restore'),
    )
    return rows.map(({ restore_id }) => restore_id)
  }

  function openHeld(): Promise<Database> {
    return openDatabase({
      ...{ url: fixture.db.url, entities: [], migrations: [], poolSize: 10, log },
      ...{ applicationName: 'restore', evenWhenHeld: true },
    })
  }
})

async function refusalOf(work: Promise<unknown>): Promise<MessagingError> {
  const error = await work.then(
    () => expect.fail('it was not refused'),
    (failure: unknown) => failure,
  )
  if (!(error instanceof MessagingError)) throw error
  return error
}
