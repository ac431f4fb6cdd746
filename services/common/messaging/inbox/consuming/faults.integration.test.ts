import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { query, write } from '@boxoffice/common/postgres/query.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  sumOf,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import type { MessageHandler } from '@boxoffice/messaging'
import type { UsePointCommand } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'

describe('a consumer under faults', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  it('changes nothing with a transaction that begins after its partitions have moved', async () => {
    const topic = await fixture.topic()
    const gate = Promise.withResolvers<void>()
    let paused = false
    const pausable = {
      transaction: (async (fn) => {
        if (paused) await gate.promise
        return await fixture.db.database.transaction(fn)
      }) as typeof fixture.db.database.transaction,
    }
    const handler = recordingHandler([topic])
    const metrics = createMetrics('stale')
    // The assignor goes by the members' names, which begin with their clients'.
    const [kafka, successorsKafka] = [fixture.connect('b'), fixture.connect('a')]
    const stale = await fixture.start({ name: 'wallet', handler, kafka, database: pausable, metrics })
    await until('the first member', () => stale.ready())
    paused = true
    await fixture.send(topic, [commandRecord({ amount: 1n })])
    await fixture.start({ name: 'wallet', handler, kafka: successorsKafka })
    await until('the effect of the successor', async () => (await fixture.effects()).length === 1)
    await fixture.send(topic, [commandRecord({ amount: 2n })])
    await until('its next effect', async () => (await fixture.effects()).length === 2)
    paused = false
    gate.resolve()
    await until(
      'the stale member to notice',
      async () => (await sumOf(metrics, 'boxoffice_consumer_fenced_total')) === 1,
    )

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2])
    expect(await fixture.query('SELECT next_offset::int FROM consumer_position')).to.deep.equal([
      { next_offset: 2 },
    ])
  })

  it('tries again what a retry can help, and the other partitions flow meanwhile', async () => {
    const topic = await fixture.topic(6)
    let broken = true
    const handler = recordingHandler([topic], ({ partition }) => {
      if (broken && partition === 0) throw Object.assign(new Error('deadlock detected'), { code: '40P01' })
    })
    const settings = { retryBaseMs: 1_000, retryCapMs: 60_000, retryHoldMaxMs: 200 }
    const consumer = await fixture.start({ name: 'wallet', handler, settings })
    await until('ready', () => consumer.ready())
    await fixture.send(topic, [commandRecord({ partition: 0 })])
    await until('failures', async () => (await fixture.counted('boxoffice_consumer_retries_total')) >= 3)
    for (let round = 1; round <= 3; round++) {
      const startedAt = Date.now()
      await fixture.send(
        topic,
        [1, 2, 3, 4, 5].map((partition) => commandRecord({ partition })),
      )
      await until('the others', async () => (await fixture.effects()).length === round * 5)
      expect(Date.now() - startedAt).to.be.lessThan(3_000)
    }
    broken = false
    await until('the one that failed', async () => (await fixture.effects()).length === 16)
    expect(await fixture.query('SELECT 1 FROM dead_letter')).to.have.length(0)
  })

  it('puts a message aside whose write fails only with COMMIT, and handles the others', async () => {
    const topic = await fixture.topic()
    const handler: MessageHandler<EntityManager> = {
      ...recordingHandler([topic]),
      async handle(em, messages) {
        for (const { id, key, body } of messages) {
          const { amount } = body as UsePointCommand
          const written = amount === 13n ? 'not a number' : String(amount)
          await write(em, 'INSERT INTO effect (message_id, key, amount) VALUES ($1, $2, $3)', [
            id,
            key,
            written,
          ])
        }
        return { outbox: [] }
      },
    }
    await fixture.send(topic, [
      commandRecord({ key: 'alice', amount: 1n }),
      commandRecord({ key: 'bob', amount: 13n }),
      commandRecord({ key: 'carol', amount: 2n }),
    ])
    await fixture.start({ name: 'wallet', handler })
    await until('the others', async () => (await fixture.effects()).length === 2)
    await until('the dead letter', async () => (await deadLetters()).length === 1)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2])
    const [letter] = await deadLetters()
    expect(letter).to.include({ reason: 'HANDLER_FAILED' })
    expect(letter?.error).to.match(/invalid input syntax/)

    function deadLetters(): Promise<Record<string, unknown>[]> {
      return fixture.query('SELECT reason, error FROM dead_letter')
    }
  })

  it('loses nothing and repeats nothing when its connections to the database are cut', async () => {
    const topic = await fixture.topic(6)
    let cuts = 0
    const handler = recordingHandler([topic], async (_, em) => {
      if (cuts++ % 25 === 0) await query(em, 'SELECT pg_terminate_backend(pg_backend_pid())')
    })
    await fixture.start({ name: 'wallet', handler })
    for (let round = 1n; round <= 10n; round++) {
      const keys = Array.from({ length: 20 }, (_, index) => `user-${index}`)
      await fixture.send(
        topic,
        keys.map((key) => commandRecord({ key, amount: round })),
      )
    }
    await until('all effects', async () => (await fixture.effects()).length >= 200, 50_000)

    const effects = await fixture.effects()
    expect(effects).to.have.length(200)
    expect(effects.filter(({ key }) => key === 'user-3').map(({ amount }) => amount)).to.deep.equal([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ])
    expect(await fixture.query('SELECT 1 FROM dead_letter')).to.have.length(0)
  })

  it('keeps its membership while a transaction takes longer than the session', async () => {
    const topic = await fixture.topic()
    let joins = 0
    const handler = recordingHandler([topic], async () => {
      joins += 1
      await new Promise((resolve) => setTimeout(resolve, 8_000))
    })
    const consumer = await fixture.start({ name: 'wallet', handler, settings: { sessionTimeoutMs: 6_000 } })
    await until('ready', () => consumer.ready())
    await fixture.send(topic, [commandRecord()])
    await until('the effect', async () => (await fixture.effects()).length === 1)
    expect(joins).to.equal(1)
  })

  it('goes on where retention has removed what it has not read, and says so', async () => {
    const topic = await fixture.topic()
    const first = await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await fixture.send(topic, [commandRecord({ amount: 1n })])
    await until('the first', async () => (await fixture.effects()).length === 1)
    await first.stop()
    await fixture.send(topic, [
      commandRecord({ amount: 2n }),
      commandRecord({ amount: 3n }),
      commandRecord({ amount: 4n }),
    ])
    await deleteRecords(fixture.kafka, topic, [0], 3)
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('what is left', async () => (await fixture.effects()).length === 2)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 4])
    expect(await fixture.counted('boxoffice_consumer_gaps_total')).to.equal(1)
  })

  it('begins with the earliest record there is, and calls that no gap', async () => {
    const topic = await fixture.topic()
    await fixture.send(topic, [commandRecord({ amount: 1n }), commandRecord({ amount: 2n })])
    await deleteRecords(fixture.kafka, topic, [0], 1)
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('what is left', async () => (await fixture.effects()).length === 1)
    expect(await fixture.counted('boxoffice_consumer_gaps_total')).to.equal(0)
  })

  it('begins again when the log has become shorter than its position, and counts that', async () => {
    const topic = await fixture.topic()
    await fixture.query(`INSERT INTO consumer_position VALUES ('wallet', $1, 0, 1000)`, [topic])
    await fixture.send(topic, [commandRecord({ amount: 1n })])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('the record', async () => (await fixture.effects()).length === 1)
    expect(await fixture.counted('boxoffice_consumer_gaps_total')).to.equal(1)
  })

  it('follows a position that was moved under it', async () => {
    const topic = await fixture.topic()
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await fixture.send(topic, [commandRecord({ amount: 1n }), commandRecord({ amount: 2n })])
    await until('both', async () => (await fixture.effects()).length === 2)
    await fixture.query('TRUNCATE inbox')
    await fixture.query('UPDATE consumer_position SET next_offset = 0')
    await fixture.send(topic, [commandRecord({ amount: 3n })])
    await until('all of them again', async () => (await fixture.effects()).length === 5)
    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2, 1, 2, 3])
  })
})
