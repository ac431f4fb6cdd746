import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  sumOf,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { RefundPointCommandSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'
import { observeDeadLetters } from './dead-letter-metrics.ts'

describe('a message behind a dead letter of its key', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  const letters = async (): Promise<string[]> =>
    (
      await fixture.query<{ offset: string; reason: string }>(
        'SELECT "offset", reason FROM dead_letter ORDER BY "offset"',
      )
    ).map(({ offset, reason }) => `${offset} ${reason}`)
  const effectsOf = async (key: string): Promise<number[]> =>
    (await fixture.effects()).filter((effect) => effect.key === key).map(({ amount }) => amount)

  it('is put aside too, in its order, in one batch and in later ones, while other keys flow', async () => {
    const topic = await fixture.topic()
    const bad = (key: string) => ({ ...commandRecord({ key }), value: null })
    await fixture.send(topic, [
      commandRecord({ key: 'ada', amount: 1n }),
      bad('ada'),
      commandRecord({ key: 'ada', amount: 2n }),
      commandRecord({ key: 'bob', amount: 3n }),
    ])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('what flows', async () => (await effectsOf('bob')).length === 1)
    await fixture.send(topic, [
      commandRecord({ key: 'ada', amount: 4n }),
      commandRecord({ key: 'bob', amount: 5n }),
    ])
    await until('what flows later', async () => (await effectsOf('bob')).length === 2)

    expect(await effectsOf('ada')).to.deep.equal([1])
    expect(await effectsOf('bob')).to.deep.equal([3, 5])
    expect(await letters()).to.deep.equal(['1 NULL_VALUE', '2 KEY_PARKED', '4 KEY_PARKED'])
    expect(
      await fixture.query('SELECT convert_from(key, $1) AS key FROM parked_key', ['UTF8']),
    ).to.deep.equal([{ key: 'ada' }])
  })

  it('does not go to the dead-letter topic: nothing is wrong with it', async () => {
    const topic = await fixture.topic()
    await fixture.send(topic, [{ ...commandRecord(), value: null }, commandRecord(), commandRecord()])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('all of them', async () => (await letters()).length === 3)
    expect(await fixture.query('SELECT 1 FROM outbox WHERE topic = $1', [`${topic}-dlt`])).to.have.length(1)
  })

  it('does not wait when the dead letter has no key', async () => {
    const topic = await fixture.topic()
    const keyless = { ...commandRecord(), key: null }
    await fixture.send(topic, [
      { ...keyless, value: null },
      { ...keyless, key: '' },
      commandRecord({ amount: 1n }),
    ])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('the one with a key', async () => (await fixture.effects()).length === 1)
    expect(await letters()).to.deep.equal(['0 NULL_VALUE', '1 WRONG_KEY'])
    expect(await fixture.query('SELECT 1 FROM parked_key')).to.deep.equal([])
  })

  it('is handled in another topic and by another consumer', async () => {
    const [one, two] = [await fixture.topic(), await fixture.topic()]
    const records = [commandRecord(), commandRecord()]
    await fixture.send(one, records)
    await fixture.send(two, [commandRecord({ schema: RefundPointCommandSchema })])
    const picky = recordingHandler([one, two], ({ topic, offset }) => {
      if (topic === one && offset === 0n) throw new TypeError('not that one')
    })
    await fixture.start({ name: 'picky', handler: picky })
    await until('the other topic', async () => (await fixture.effects()).length === 1)
    await until('the dead letters', async () => (await letters()).length === 2)
    await fixture.start({ name: 'audit', handler: recordingHandler([one]) })
    await until('the other consumer', async () => (await fixture.effects()).length === 3)
  })

  it('shows in the metrics until it is redriven or discarded', async () => {
    const topic = await fixture.topic()
    const metrics = createMetrics('shown')
    observeDeadLetters(metrics, { consumer: 'wallet', database: fixture.db.database, maxAgeMs: 0 })
    const shown = async () =>
      (await metrics.registry.metrics())
        .split('\n')
        .filter((line) => /^boxoffice_(dead_letters|parked_keys)/.test(line))
        .map((line) => line.replace(',service="shown"', '').replace(/^boxoffice_/, ''))
    await fixture.send(topic, [{ ...commandRecord(), value: null }, commandRecord(), commandRecord()])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('all of them', async () => (await letters()).length === 3)
    expect(await shown()).to.have.members([
      'dead_letters{consumer="wallet",reason="KEY_PARKED"} 2',
      'dead_letters{consumer="wallet",reason="NULL_VALUE"} 1',
      'parked_keys{consumer="wallet"} 1',
    ])
    expect(await sumOf(metrics, 'boxoffice_dead_letter_oldest_seconds')).to.be.greaterThan(0)
    await fixture.query(`UPDATE dead_letter SET state = 'REDRIVEN'`)
    await fixture.query('DELETE FROM parked_key')
    expect(await shown()).to.deep.equal(['parked_keys{consumer="wallet"} 0'])
    expect(await sumOf(metrics, 'boxoffice_dead_letter_oldest_seconds')).to.equal(0)
  })

  it('is put aside once, also when relays repeat it after a while', async () => {
    const topic = await fixture.topic()
    const [bad, behind] = [{ ...commandRecord(), value: null }, commandRecord()]
    await fixture.send(topic, [bad, behind, bad, behind])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('both', async () => (await letters()).length === 2)
    await fixture.send(topic, [bad, behind, commandRecord({ key: 'bob' })])
    await until('what comes after', async () => (await fixture.effects()).length === 1)
    expect(await letters()).to.have.length(2)
  })

  it('parks a key that is longer than an index entry, and one that is no text', async () => {
    const topic = await fixture.topic()
    const keys = [Buffer.alloc(20_000, 7), Buffer.from([0xff, 0, 0xfe])]
    await fixture.send(
      topic,
      [...keys, ...keys].map((key) => ({ ...commandRecord(), key, value: null })),
    )
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('all of them', async () => (await letters()).length === 4)
    expect(await fixture.query('SELECT 1 FROM parked_key')).to.have.length(2)
  })
})

describe('a partition that is mostly poison', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  const settings = { attemptsMax: 2, poisonWindow: 10, coolDownBaseMs: 300, coolDownCapMs: 500 }
  const stoppedPartitions = 'boxoffice_consumer_stopped_partitions'
  const putAside = async (): Promise<number> => (await fixture.query('SELECT 1 FROM dead_letter')).length
  const crowd = (partition: number, count: number) =>
    Array.from({ length: count }, (_, index) => commandRecord({ key: `${partition}-${index}`, partition }))

  it('stops, while the others flow, and goes on by itself once its messages can be handled', async () => {
    const topic = await fixture.topic(2)
    let broken = true
    const handler = recordingHandler([topic], ({ partition }) => {
      if (broken && partition === 0) throw new TypeError('a bad deploy')
    })
    await fixture.send(topic, crowd(0, 200))
    await fixture.start({ name: 'wallet', handler, settings })
    await until('the stop', async () => (await fixture.counted(stoppedPartitions)) === 1)
    expect(await putAside()).to.be.within(10, 20)
    await fixture.send(topic, crowd(1, 50))
    await until('the other partition', async () => (await fixture.effects()).length === 50)

    broken = false
    await until('the rest', async () => (await fixture.effects()).length + (await putAside()) === 250)
    expect(await fixture.counted(stoppedPartitions)).to.equal(0)
  })

  it('stops before a flood of garbage has been put aside', async () => {
    const topic = await fixture.topic()
    await fixture.send(
      topic,
      crowd(0, 400).map((record) => ({ ...record, value: null })),
    )
    const slow = { ...settings, coolDownBaseMs: 60_000, coolDownCapMs: 60_000 }
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]), settings: slow })
    await until('the stop', async () => (await fixture.counted(stoppedPartitions)) === 1)
    expect(await putAside()).to.be.within(10, 20)
  })

  it('stays stopped when its process starts again before the cause is gone: one more message is tried, not a whole window', async () => {
    const topic = await fixture.topic()
    await fixture.send(
      topic,
      crowd(0, 100).map((record) => ({ ...record, value: null })),
    )
    const slow = { ...settings, coolDownBaseMs: 60_000, coolDownCapMs: 60_000 }
    const handler = recordingHandler([topic])
    const first = await fixture.start({ name: 'wallet', handler, settings: slow })
    await until('the stop', async () => (await fixture.counted(stoppedPartitions)) === 1)
    await first.stop()
    const before = await putAside()
    const metrics = createMetrics('again')
    await fixture.start({ name: 'wallet', handler, settings: slow, metrics })
    await until('the stop', async () => (await sumOf(metrics, stoppedPartitions)) === 1)
    await until('one more', async () => (await putAside()) === before + 1)
  })

  it('flows again, without another message, once what was put aside is redriven or discarded', async () => {
    const topic = await fixture.topic()
    await fixture.send(
      topic,
      crowd(0, 10).map((record) => ({ ...record, value: null })),
    )
    const slow = { ...settings, coolDownBaseMs: 60_000, coolDownCapMs: 60_000, positionCheckIntervalMs: 50 }
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]), settings: slow })
    await until('the stop', async () => (await fixture.counted(stoppedPartitions)) === 1)
    await fixture.query(`UPDATE dead_letter SET state = 'DISCARDED' WHERE "offset" < 5`)
    await until('it flows', async () => (await fixture.counted(stoppedPartitions)) === 0)
    await fixture.send(topic, [commandRecord(), commandRecord()])
    await until(
      'what comes next, before the rest is over',
      async () => (await fixture.effects()).length === 2,
    )
  })

  it('stays stopped while it is put aside, also where most of the latest records only wait behind others', async () => {
    const topic = await fixture.topic()
    const keys = Array.from({ length: 10 }, (_, key) => `${key}`)
    await fixture.send(
      topic,
      keys.flatMap((key) => [1n, 2n, 3n, 4n].map((amount) => commandRecord({ key, amount }))),
    )
    const handler = recordingHandler([topic], () => {
      throw new TypeError('a bad deploy')
    })
    let transactions = 0
    const database = {
      transaction: ((fn) => {
        transactions += 1
        return fixture.db.database.transaction(fn)
      }) as typeof fixture.db.database.transaction,
    }
    const slow = { ...settings, coolDownBaseMs: 60_000, coolDownCapMs: 60_000, positionCheckIntervalMs: 50 }
    await fixture.start({ name: 'wallet', handler, settings: slow, database })
    await until('the stop', async () => (await fixture.counted(stoppedPartitions)) === 1)
    const looks = transactions + 3
    await until('some looks', () => transactions >= looks)
    expect(await fixture.counted(stoppedPartitions)).to.equal(1)
  })
})
