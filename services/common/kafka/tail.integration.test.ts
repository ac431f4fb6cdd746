import { randomUUID } from 'node:crypto'
import { logOptions } from '@boxoffice/common/telemetry/log.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { recreateTopic } from '@boxoffice/common/testing/recreate-topic.ts'
import { expect } from 'chai'
import { pino } from 'pino'
import { endOffsets } from './end-offsets.ts'
import { startTail, type Tail } from './tail.ts'

describe('a tail', function () {
  this.timeout(60_000)
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  after(() => fixture.dispose())

  let topic: string
  let tail: Tail | undefined
  let seen: string[]
  let assigned: number
  let warnings: string[]

  beforeEach(async () => {
    topic = await fixture.topic(3)
    seen = []
    assigned = 0
    warnings = []
  })
  afterEach(() => tail?.stop())

  async function start(onAssigned = () => {}, kafka = fixture.kafka): Promise<Tail> {
    tail = await startTail({
      kafka,
      topic,
      groupId: `tail-${randomUUID()}`,
      log: pino(logOptions({ service: 'test', level: 'warn' }), { write: (line) => warnings.push(line) }),
      onAssigned() {
        assigned += 1
        onAssigned()
      },
      onRecords(records) {
        seen.push(...records.map(({ key }) => String(key)))
      },
    })
    return tail
  }

  it('leaves out what was there before, and has what was written from the moment it says so', async () => {
    await fixture.send(topic, [commandRecord({ key: 'old' })])
    let sent: Promise<void> | undefined
    await start(() => {
      sent = fixture.send(
        topic,
        [0, 1, 2].map((partition) => commandRecord({ key: `new-${partition}`, partition })),
      )
    })
    await until('the new records', () => seen.length === 3)
    await sent
    expect(seen.toSorted()).to.deep.equal(['new-0', 'new-1', 'new-2'])
    expect(assigned).to.equal(1)
    expect(tail?.ready()).to.equal(true)
  })

  it('says that it is ready only when it follows', async () => {
    const started = await start()
    expect(started.ready()).to.equal(false)
    await until('ready', () => started.ready())
    await started.stop()
    expect(started.ready()).to.equal(false)
  })

  it('begins again in a topic that was created again, says so, and mixes nothing', async () => {
    await start()
    await until('ready', () => tail?.ready() === true)
    await fixture.send(topic, [commandRecord({ key: 'former', partition: 1 })])
    await until('the former record', () => seen.length === 1)
    await recreateTopic(fixture.kafka, topic, 3)
    await until('it says so', () => warnings.some((text) => text.includes('was deleted and created again')))
    expect(assigned).to.be.greaterThan(1)
    await fixture.send(topic, [commandRecord({ key: 'latter', partition: 1 })])
    await until('the record of the new topic', () => seen.length === 2)
    expect(seen).to.deep.equal(['former', 'latter'])
  })

  it('begins again where nothing but a record says that the topic is another one', async () => {
    const admin = fixture.kafka.admin()
    const { fetchTopicMetadata } = admin
    const other = await fixture.topic(3)
    let looks = 0
    admin.fetchTopicMetadata = async (options) => {
      looks += 1
      if (looks > 2) return await fetchTopicMetadata(options)
      const { topics } = await fetchTopicMetadata({ topics: [other] })
      return { topics: topics.map((found) => ({ ...found, name: topic })) }
    }
    await start(undefined, Object.assign(Object.create(fixture.kafka), { admin: () => admin }))
    await until('ready', () => tail?.ready() === true)
    await fixture.send(topic, [commandRecord({ key: 'of another topic' })])
    await until('it begins again', () => assigned === 2 && tail?.ready() === true)
    await fixture.send(topic, [commandRecord({ key: 'known' })])
    await until('the next record', () => seen.length > 0)
    expect(seen).to.deep.equal(['known'])
    expect(warnings.join()).to.include('was deleted and created again')
  })

  it('knows where each partition ends', async () => {
    const admin = fixture.kafka.admin()
    await fixture.send(topic, [commandRecord({ partition: 1 }), commandRecord({ partition: 1 })])
    expect([...(await endOffsets(admin, topic))].toSorted()).to.deep.equal([
      [0, 0n],
      [1, 2n],
      [2, 0n],
    ])
    await admin.disconnect()
  })
})
