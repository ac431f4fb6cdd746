import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { createLog } from '../telemetry/log.ts'
import { type ConsumerFixture, createConsumerFixture, until } from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'
import { endOffsets } from './end-offsets.ts'
import { startTail, type Tail } from './tail.ts'

describe('a tail', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  after(() => fixture.dispose())

  let topic: string
  let tail: Tail | undefined
  let seen: string[]
  let assigned: number

  beforeEach(async () => {
    topic = await fixture.topic(3)
    seen = []
    assigned = 0
  })
  afterEach(() => tail?.stop())

  async function start(onAssigned = () => {}): Promise<Tail> {
    tail = await startTail({
      kafka: fixture.kafka,
      topic,
      groupId: `tail-${randomUUID()}`,
      log: createLog({ service: 'test', level: 'silent' }),
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
