import type { Kafka } from '@boxoffice/common/kafka/client.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { expect } from 'chai'

describe('a consumer that does not get on', () => {
  const stoppedPartitions = 'boxoffice_consumer_stopped_partitions'
  let fixture: ConsumerFixture
  let faults: (string | undefined)[]
  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(() => {
    faults = []
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  const options = { name: 'wallet', onStalled: (fault: string | undefined) => void faults.push(fault) }

  it('says after a while that nothing moves, and that it does again', async () => {
    const topic = await fixture.topic()
    const released = Promise.withResolvers<void>()
    await fixture.send(topic, [commandRecord()])
    await fixture.start({
      ...options,
      settings: { stuckMs: 1_500 },
      handler: recordingHandler([topic], () => released.promise),
    })
    await until(
      'the fault',
      () => faults.at(-1) === 'consumer wallet has something to read and moves nothing',
    )
    expect(await fixture.counted(stoppedPartitions)).to.equal(1)
    released.resolve()
    await until('its end', () => faults.at(-1) === undefined)
    expect(await fixture.counted(stoppedPartitions)).to.equal(0)
  })

  it('says after a while that it does not join its group, and that it has', async () => {
    const topic = await fixture.topic()
    const joining = Promise.withResolvers<void>()
    const kafka = Object.assign(Object.create(fixture.kafka), {
      consumer: (config: Parameters<Kafka['consumer']>[0]) => {
        const consumer = fixture.kafka.consumer(config)
        const { connect } = consumer
        consumer.connect = () => joining.promise.then(connect)
        return consumer
      },
    })
    const settings = { stuckMs: 1_500 }
    await fixture.start({ ...options, kafka, settings, handler: recordingHandler([topic]) })
    await until('some looks', () => faults.length > 8)
    expect(
      faults.filter((fault) => fault !== undefined),
      'nothing is to be read',
    ).to.deep.equal([])
    await fixture.send(topic, [commandRecord()])
    await until(
      'the fault',
      () => faults.at(-1) === 'consumer wallet has something to read and does not join its group',
    )
    joining.resolve()
    await until('its end', () => faults.at(-1) === undefined)
    await until('the effect', async () => (await fixture.effects()).length === 1)
  })

  it('counts a partition as stopped whose transactions fail again and again, which a new start would not help', async () => {
    const topic = await fixture.topic()
    await fixture.query(refusePuttingAside)
    try {
      await fixture.send(topic, [{ ...commandRecord(), value: null }, commandRecord({ key: 'bob' })])
      await fixture.start({
        ...options,
        settings: { stuckMs: 1_500, retryCapMs: 200 },
        handler: recordingHandler([topic]),
      })
      await until('the partition counts', async () => (await fixture.counted(stoppedPartitions)) === 1)
      expect(faults.filter((fault) => fault !== undefined)).to.deep.equal([])
      expect(await fixture.effects()).to.deep.equal([])
    } finally {
      await fixture.query('ALTER TABLE dead_letter DROP CONSTRAINT refused')
    }
    await until('what stands behind it', async () => (await fixture.effects()).length === 1)
    await until('the partition counts no more', async () => (await fixture.counted(stoppedPartitions)) === 0)
  })
})

const refusePuttingAside = 'ALTER TABLE dead_letter ADD CONSTRAINT refused CHECK (false) NOT VALID'
