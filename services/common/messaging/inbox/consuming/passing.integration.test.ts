import { randomUUID } from 'node:crypto'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord, type TestRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { startOperatorApi } from '@boxoffice/common/testing/operator-api.ts'
import { receiptOf } from '@boxoffice/common/testing/replay-fixture.ts'
import { schemaOnTopic } from '@boxoffice/common/testing/schema-on-topic.ts'
import { committedOffsets, withAdmin } from '@boxoffice/kafka'
import type { MessageHandler } from '@boxoffice/messaging'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { ReplayPhase } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import {
  RefundPointCommandSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'

describe('a message that the handler passes over', () => {
  let fixture: ConsumerFixture
  let topic: string
  let handler: MessageHandler<EntityManager>
  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    topic = await fixture.topic()
    const refund = schemaOnTopic(RefundPointCommandSchema, topic)
    const schemas = [schemaOnTopic(UsePointCommandSchema, topic), refund]
    const codec = createProtobufCodec(schemas)
    handler = { ...recordingHandler([topic]), codec, passedOver: [refund.typeName] }
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  it('takes no transaction, and the stored position follows within moments', async () => {
    await fixture.start({ name: 'wallet', handler })
    await fixture.send(topic, [passed(), passed(), passed()])
    await passedOver(3)
    await until('the position', async () => (await position()) === 3, 5_000)

    expect(await fixture.query('SELECT message_id FROM inbox')).to.deep.equal([])
    expect(await transactions()).to.equal(0)
  })

  it('is passed over between what is handled as well, and no id of it is kept', async () => {
    await fixture.start({ name: 'wallet', handler })
    await fixture.send(topic, [passed(), handled(), passed(), handled()])
    await until('the position', async () => (await position()) === 4)

    expect(await fixture.effects()).to.have.length(2)
    expect(await fixture.query('SELECT message_id FROM inbox')).to.have.length(2)
    expect(await fixture.counted('boxoffice_consumer_messages_passed_over_total')).to.equal(2)
    expect(await fixture.counted('boxoffice_consumer_duplicates_dropped_total')).to.equal(0)
  })

  it('moves with the next transaction of its partition', async () => {
    await fixture.start({ name: 'wallet', handler, settings: later })
    await fixture.send(topic, [passed(), passed()])
    await passedOver(2)
    expect(await position()).to.equal(0)
    await fixture.send(topic, [handled()])
    await until('the position', async () => (await position()) === 3)
    expect(await fixture.effects()).to.have.length(1)
  })

  it('is stored when the consumer stops, and Kafka is told', async () => {
    const name = `passing-${randomUUID()}`
    const consumer = await fixture.start({ name, handler, settings: later })
    await fixture.send(topic, [passed(), passed()])
    await passedOver(2)
    expect(await position()).to.equal(0)
    await consumer.stop()

    // The stop does not wait for a server that is slow.
    await until('the position', async () => (await position()) === 2)
    const committed = () => withAdmin(fixture.kafka, (admin) => committedOffsets(admin, name, topic))
    await until('the offset', async () => (await committed()).get(0) === 2n)
  })

  it('is read again by the next member where it was not stored: nothing is lost, nothing comes twice', async () => {
    await fixture.start({ name: 'wallet', handler, settings: later })
    await fixture.send(topic, [handled()])
    await until('an effect', async () => (await fixture.effects()).length === 1)
    await fixture.send(topic, [passed(), passed()])
    await passedOver(2)
    // The first member forgets what it has not stored, as if it had died: partitions are assigned again.
    await fixture.start({ name: 'wallet', handler, settings: later })
    await passedOver(4)
    await fixture.send(topic, [handled()])
    await until('another effect', async () => (await fixture.effects()).length >= 2)

    expect(await fixture.effects()).to.have.length(2)
    expect(await position()).to.equal(4)
  })

  it('is put aside where it is poison', async () => {
    await fixture.start({ name: 'wallet', handler, settings: later })
    await fixture.send(topic, [passed(), { ...passed(), value: Buffer.from([0xff, 0xff]) }, passed()])
    await until('the position', async () => (await position()) === 3)
    const letters = await fixture.query<{ offset: string; reason: string }>(
      'SELECT "offset", reason FROM dead_letter',
    )
    expect(letters).to.deep.equal([{ offset: '1', reason: 'UNDECODABLE' }])
  })

  it('stays behind by no more records than a transaction has', async () => {
    await fixture.start({ name: 'wallet', handler, settings: { ...later, poolMessagesMax: 3 } })
    for (let sent = 0; sent < 8; sent++) await fixture.send(topic, [passed()])
    await until('the position', async () => (await position()) >= 4)
  })

  it('is not read again because the stored position is behind', async () => {
    await fixture.start({ name: 'wallet', handler, settings: { ...later, positionCheckIntervalMs: 5 } })
    for (let sent = 1; sent <= 20; sent++) {
      await fixture.send(topic, [passed()])
      await passedOver(sent)
      expect(await fixture.counted('boxoffice_consumer_messages_passed_over_total')).to.equal(sent)
    }
    expect(await position()).to.equal(0)
  })

  it('does not hide that its position was moved back', async () => {
    await fixture.start({ name: 'wallet', handler, settings: later })
    await fixture.send(topic, [handled()])
    await until('an effect', async () => (await fixture.effects()).length === 1)
    await fixture.send(topic, [passed(), passed()])
    await passedOver(2)
    await fixture.query('DELETE FROM inbox')
    await fixture.query('UPDATE consumer_position SET next_offset = 0')
    await until('its effect again', async () => (await fixture.effects()).length === 2)
    expect(await position()).to.be.at.least(1)
  })

  it('is counted as known by a replay, which ends', async () => {
    const api = await startOperatorApi(fixture, 'wallet', handler)
    try {
      await fixture.start({ name: 'wallet', handler })
      await fixture.send(topic, [handled(), passed(), handled(), passed(), passed()])
      await until('the position', async () => (await position()) === 5)
      for (const from of [0n, 3n]) {
        const range = { consumer: 'wallet', from: { case: 'offset' as const, value: from } }
        const { replay } = await api.startReplay({ requestId: randomUUID(), range })
        const replayId = replay?.replayId ?? ''
        const read = async () => (await api.getReplay({ replayId })).replay
        await until('the end of the replay', async () => (await read())?.phase === ReplayPhase.DONE)
        const done = await read()
        if (done === undefined) throw new Error('no replay')
        expect(receiptOf(done)).to.include({ reread: 5n - from, known: 5n - from, effective: 0n })
      }
    } finally {
      await api.stop()
    }
  })

  async function position(): Promise<number> {
    const [row] = await fixture.query<{ next_offset: string }>(
      'SELECT next_offset FROM consumer_position WHERE topic = $1',
      [topic],
    )
    return Number(row?.next_offset ?? 0)
  }

  async function passedOver(count: number): Promise<void> {
    const counter = 'boxoffice_consumer_messages_passed_over_total'
    await until(`${count} passed over`, async () => (await fixture.counted(counter)) >= count)
  }

  async function transactions(): Promise<number> {
    const text = await fixture.metrics.registry.metrics()
    const [, count] = /^boxoffice_consumer_transaction_seconds_count\S* (\d+)$/m.exec(text) ?? []
    return Number(count)
  }
})

/** The stored position follows with a transaction of the partition, or at the stop. */
const later = { positionStoreIntervalMs: 600_000 }

function handled(): TestRecord {
  return commandRecord()
}

function passed(): TestRecord {
  return commandRecord({ schema: RefundPointCommandSchema })
}
