import { randomUUID } from 'node:crypto'
import type { Admin } from '@boxoffice/common/kafka/client.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import { lookAtTopics } from '@boxoffice/kafka'
import { expect } from 'chai'
import type { SqlDatabase } from '../../sql/sql.ts'
import { measureLag, observeLag } from './lag-metrics.ts'

describe('lag', () => {
  let fixture: ConsumerFixture
  let admin: Admin
  before(async () => {
    fixture = await createConsumerFixture()
    admin = fixture.kafka.admin()
  })
  after(async () => {
    await admin.disconnect()
    await fixture.dispose()
  })

  it('is what stands behind the stored positions, and how long the oldest of it has stood there', async () => {
    const [topic, empty] = [await fixture.topic(2), await fixture.topic()]
    const old = { timestamp: String(Date.now() - 60_000) }
    await fixture.send(topic, [
      Object.assign(commandRecord({ partition: 0 }), old),
      Object.assign(commandRecord({ partition: 1 }), old),
      commandRecord({ partition: 0 }),
    ])
    const at = (partition: number, nextOffset: bigint) => ({ topic, partition, nextOffset })

    const nothingRead = await measureLag(admin, await lookAtTopics(admin, [topic, empty]), [])
    expect([...nothingRead.records]).to.deep.equal([
      [topic, 3],
      [empty, 0],
    ])
    expect(nothingRead.oldestMs).to.be.within(55_000, 90_000)

    const someRead = await measureLag(admin, await lookAtTopics(admin, [topic]), [at(0, 1n), at(1, 1n)])
    expect([...someRead.records]).to.deep.equal([[topic, 1]])
    expect(someRead.oldestMs).to.be.below(30_000)

    expect(await measureLag(admin, await lookAtTopics(admin, [topic]), [at(0, 2n), at(1, 1n)])).to.deep.equal(
      {
        records: new Map([[topic, 0]]),
        recreated: new Map([[topic, 0]]),
        oldestMs: 0,
      },
    )
  })

  it('is all that there is in a topic that was created again, whatever was read of the former one', async () => {
    const topic = await fixture.topic()
    await fixture.send(topic, [commandRecord(), commandRecord()])
    const position = { topic, partition: 0, nextOffset: 9n, topicId: randomUUID() }
    const { records, recreated } = await measureLag(admin, await lookAtTopics(admin, [topic]), [position])
    expect([records.get(topic), recreated.get(topic)]).to.deep.equal([2, 1])
  })

  it('is nothing where retention has deleted what was never read', async () => {
    const topic = await fixture.topic()
    await fixture.send(topic, [commandRecord(), commandRecord(), commandRecord()])
    await deleteRecords(fixture.kafka, topic, [0], 3)
    const all = await measureLag(admin, await lookAtTopics(admin, [topic]), [])
    expect(all).to.deep.include({ records: new Map([[topic, 0]]), oldestMs: 0 })
  })

  it('is not shown any more once it has not been measured for a few rounds, and is again as soon as it is', async () => {
    const topic = await fixture.topic()
    await fixture.send(topic, [commandRecord()])
    let away = false
    const database: SqlDatabase = {
      async transaction(work) {
        if (away) throw new Error('away')
        return await fixture.db.database.transaction(work)
      },
    }
    const metrics = createMetrics('shown')
    const log = createLog({ service: 'test', level: 'silent' })
    const { kafka } = fixture
    const timer = observeLag(metrics, {
      consumer: 'wallet',
      look: () => lookAtTopics(admin, [topic]),
      database,
      kafka,
      intervalMs: 100,
      log,
    })
    const shown = async (): Promise<string[]> =>
      (await metrics.registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith('boxoffice_consumer_lag_'))
        .map((line) => line.replace(/\{.*\}/, '').split(' ')[0] ?? '')
    const both = ['boxoffice_consumer_lag_records', 'boxoffice_consumer_lag_seconds']
    try {
      await until('the lag', async () => (await shown()).length > 0)
      expect(await shown()).to.have.members(both)
      away = true
      await until('nothing', async () => (await shown()).length === 0)
      away = false
      await until('the lag', async () => (await shown()).length > 0)
      expect(await shown()).to.have.members(both)
    } finally {
      await timer.stop()
    }
  })
})
