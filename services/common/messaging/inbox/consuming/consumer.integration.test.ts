import { randomUUID } from 'node:crypto'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import { committedOffsets, describeGroups, withAdmin } from '@boxoffice/kafka'
import { expect } from 'chai'

describe('a consumer', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  /** Nothing while the group has no coordinator yet, as on brokers that have just been started. */
  async function committed(group: string, topic: string): Promise<Map<number, bigint>> {
    return await withAdmin(fixture.kafka, (admin) => committedOffsets(admin, group, topic)).catch(
      (error: { readonly retriable?: boolean }) => {
        if (error.retriable) return new Map()
        throw error
      },
    )
  }

  async function effectsReach(count: number): Promise<void> {
    await until(`${count} effects`, async () => (await fixture.effects()).length >= count)
  }

  it('keeps what a message does, what it leads to and where it stands in one transaction', async () => {
    const topic = await fixture.topic()
    const consumer = await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await fixture.send(
      topic,
      [1n, 2n, 3n].map((amount) => commandRecord({ amount })),
    )
    await effectsReach(3)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2, 3])
    expect(await fixture.query('SELECT message_id FROM inbox')).to.have.length(3)
    expect(await fixture.query('SELECT id FROM outbox')).to.have.length(3)
    expect(await positions(topic)).to.deep.equal([3])
    expect(consumer.ready()).to.equal(true)
    expect(await fixture.counted('boxoffice_consumer_messages_handled_total')).to.equal(3)
  })

  it('sends nothing on of a transaction that could not be committed', async () => {
    const topic = await fixture.topic()
    // Judged at COMMIT, after everything else has been written.
    await fixture.query(
      'ALTER TABLE effect ADD CONSTRAINT judged_late UNIQUE (amount) DEFERRABLE INITIALLY DEFERRED',
    )
    try {
      await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
      await fixture.send(topic, [commandRecord({ amount: 5n })])
      await effectsReach(1)
      await fixture.send(topic, [commandRecord({ amount: 5n })])
      await until(
        'two attempts in vain',
        async () => (await fixture.counted('boxoffice_consumer_retries_total')) >= 2,
      )
      expect(await fixture.query('SELECT id FROM outbox')).to.have.length(1)
      expect(await positions(topic)).to.deep.equal([1])
    } finally {
      await fixture.query('ALTER TABLE effect DROP CONSTRAINT judged_late')
    }
    await effectsReach(2)
    expect(await fixture.query('SELECT id FROM outbox')).to.have.length(2)
  })

  it('drops a message that comes twice, in one batch and in two', async () => {
    const topic = await fixture.topic()
    const record = commandRecord()
    await fixture.send(topic, [record, record])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await effectsReach(1)
    await fixture.send(topic, [record, commandRecord({ amount: 7n })])
    await effectsReach(2)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 7])
    expect(await fixture.counted('boxoffice_consumer_duplicates_dropped_total')).to.equal(2)
  })

  it('keeps the order of each key over many partitions', async () => {
    const topic = await fixture.topic(12)
    const keys = Array.from({ length: 30 }, (_, index) => `user-${index}`)
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    for (let round = 1n; round <= 20n; round++) {
      await fixture.send(
        topic,
        keys.map((key) => commandRecord({ key, amount: round })),
      )
    }
    await effectsReach(600)

    const effects = await fixture.effects()
    expect(effects).to.have.length(600)
    const inOrder = Array.from({ length: 20 }, (_, index) => index + 1)
    for (const key of keys) {
      expect(effects.filter((effect) => effect.key === key).map(({ amount }) => amount)).to.deep.equal(
        inOrder,
      )
    }
  })

  it('goes on from its stored position, whatever Kafka has committed for its group', async () => {
    const topic = await fixture.topic()
    const first = await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await fixture.send(topic, [commandRecord({ amount: 1n }), commandRecord({ amount: 2n })])
    await effectsReach(2)
    await first.stop()
    await fixture.send(topic, [commandRecord({ amount: 3n }), commandRecord({ amount: 4n })])
    await groupIsEmpty('wallet')
    await commitForGroup('wallet', topic, '4')
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await effectsReach(4)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2, 3, 4])
    expect(await fixture.counted('boxoffice_consumer_duplicates_dropped_total')).to.equal(0)
  })

  it("reads again what its database has lost, and lets Kafka's offsets follow", async () => {
    const topic = await fixture.topic()
    const first = await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await fixture.send(topic, [commandRecord(), commandRecord(), commandRecord()])
    await effectsReach(3)
    await first.stop()
    await until('the offset', async () => (await committed('wallet', topic)).get(0) === 3n)
    await fixture.query('UPDATE consumer_position SET next_offset = 1')
    await fixture.query('DELETE FROM effect WHERE amount = 1')
    await fixture.query('TRUNCATE inbox')
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await effectsReach(2)
    expect(await positions(topic)).to.deep.equal([3])
  })

  it('commits every partition that is assigned to it once, also those in which nothing comes', async () => {
    const topic = await fixture.topic(3)
    await fixture.send(
      topic,
      [0, 0, 1].map((partition) => commandRecord({ partition })),
    )
    await deleteRecords(fixture.kafka, topic, [0], 2)
    const name = `commits-${randomUUID()}`
    await fixture.start({ name, handler: recordingHandler([topic]) })
    await until('an offset of each partition', async () => (await committed(name, topic)).size === 3)
    await until('what was handled', async () => (await committed(name, topic)).get(1) === 1n)
    // What retention has deleted is not behind it: a scaler that goes by Kafka would start all replicas for it.
    expect(await committed(name, topic)).to.deep.equal(
      new Map([
        [0, 2n],
        [1, 1n],
        [2, 0n],
      ]),
    )
  })

  it('notices that its position was moved back, though no record comes', async () => {
    const topic = await fixture.topic()
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await fixture.send(topic, [commandRecord({ amount: 1n }), commandRecord({ amount: 2n })])
    await effectsReach(2)
    // As a database that failed over and came back without its last commit.
    await fixture.query(`
      WITH lost AS (DELETE FROM effect WHERE amount = 2 RETURNING message_id),
        forgotten AS (DELETE FROM inbox USING lost WHERE inbox.message_id = lost.message_id)
      UPDATE consumer_position SET next_offset = 1`)
    await effectsReach(2)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2])
    expect(await positions(topic)).to.deep.equal([2])
  })

  it('hands its partitions over when a second member joins and when it goes, and loses nothing', async () => {
    const topic = await fixture.topic(12)
    const handler = recordingHandler([topic])
    let sent = 0
    const send = async (): Promise<void> => {
      sent += 20
      const records = Array.from({ length: 20 }, (_, index) => commandRecord({ key: `user-${index}` }))
      await fixture.send(topic, records)
    }
    const first = await fixture.start({ name: 'wallet', handler })
    await until('the first member', () => first.ready())
    await send()
    const second = await fixture.start({ name: 'wallet', handler })
    while (!second.ready()) await send()
    await first.stop()
    await send()
    await effectsReach(sent)

    expect(await fixture.effects()).to.have.length(sent)
    expect(new Set((await fixture.effects()).map(({ messageId }) => messageId)).size).to.equal(sent)
  })

  it('stops cleanly: its group is empty and it reads no more', async () => {
    const topic = await fixture.topic()
    const consumer = await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('ready', () => consumer.ready())
    await consumer.stop()
    await fixture.send(topic, [commandRecord()])

    expect(consumer.ready()).to.equal(false)
    await groupIsEmpty('wallet')
    expect(await fixture.effects()).to.have.length(0)
  })

  it('is stopped once: who asks again waits for the same end', async () => {
    const topic = await fixture.topic()
    const [handling, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await fixture.send(topic, [commandRecord()])
    const consumer = await fixture.start({
      name: 'wallet',
      handler: recordingHandler([topic], async () => {
        handling.resolve()
        await released.promise
      }),
    })
    await handling.promise
    const order: string[] = []
    const stops = ['first', 'second'].map((name) => consumer.stop().then(() => order.push(name)))
    await new Promise(setImmediate)
    expect(order).to.deep.equal([])
    released.resolve()
    await Promise.all(stops)
    expect(await fixture.effects()).to.have.length(1)
  })

  it('can be stopped while it waits for a topic that is not there', async () => {
    const consumer = await fixture.start({ name: 'wallet', handler: recordingHandler(['test-not-there']) })
    await consumer.stop()
    expect(consumer.ready()).to.equal(false)
  })

  async function positions(topic: string): Promise<number[]> {
    const rows = await fixture.query<{ next_offset: string }>(
      'SELECT next_offset FROM consumer_position WHERE topic = $1 ORDER BY partition',
      [topic],
    )
    return rows.map((row) => Number(row.next_offset))
  }

  async function commitForGroup(groupId: string, topic: string, offset: string): Promise<void> {
    const admin = fixture.kafka.admin()
    await admin.connect()
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset }] })
    await admin.disconnect()
  }

  /** Waits for the end of the group's members: a consumer that was stopped leaves it in the background. */
  async function groupIsEmpty(groupId: string): Promise<void> {
    await until('an empty group', async () => {
      const [group] = await withAdmin(fixture.kafka, (admin) => describeGroups(admin, [groupId]))
      return group?.state === 'Empty'
    })
  }
})
