import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord, poisonRecords } from '@boxoffice/common/testing/consumer-records.ts'
import { expect } from 'chai'

interface DeadLetterRow {
  readonly consumer: string
  readonly reason: string
  readonly error: string
  readonly offset: string
  readonly key: Buffer | null
  readonly payload: Buffer | null
  readonly headers: Buffer
  readonly attempts: number
}

interface OutboxRow {
  readonly key: Buffer | null
  readonly payload: Buffer | null
  readonly headers: Record<string, unknown>
}

describe('a record that cannot be handled', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  const deadLetters = (): Promise<DeadLetterRow[]> =>
    fixture.query('SELECT * FROM dead_letter ORDER BY "offset", consumer')
  const published = (topic: string): Promise<OutboxRow[]> =>
    fixture.query('SELECT * FROM outbox WHERE topic = $1 ORDER BY id', [`${topic}-dlt`])

  it('is put aside, whatever is wrong with it, and the partition goes on', async () => {
    const topic = await fixture.topic()
    const records = poisonRecords.map(({ change }, index) => change(commandRecord({ key: `user-${index}` })))
    await fixture.send(topic, [commandRecord({ amount: 1n }), ...records, commandRecord({ amount: 2n })])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('the messages behind them', async () => (await fixture.effects()).length === 2)

    const letters = await deadLetters()
    expect(letters.map(({ reason }) => reason)).to.deep.equal(poisonRecords.map(({ reason }) => reason))
    const outbox = await published(topic)
    expect(outbox).to.have.length(records.length)
    for (const [index, record] of records.entries()) {
      const key = record.key === null ? null : Buffer.from(record.key as string)
      expect(letters[index], poisonRecords[index]?.what).to.deep.include({ key, payload: record.value })
      expect(outbox[index], poisonRecords[index]?.what).to.deep.include({ key, payload: record.value })
      expect(outbox[index]?.headers).to.include({
        'x-consumer': 'wallet',
        'x-put-aside-by': 'boxoffice/test',
        'x-original-topic': topic,
        'x-original-partition': '0',
        'x-original-offset': String(index + 1),
        'x-reason': poisonRecords[index]?.reason,
      })
    }
    expect(await fixture.counted('boxoffice_consumer_dead_letters_total')).to.equal(records.length)
  })

  it('keeps its headers byte by byte', async () => {
    const topic = await fixture.topic()
    const bytes = Buffer.from([0, 0xff, 0x41])
    const { headers, ...record } = commandRecord()
    await fixture.send(topic, [{ ...record, headers: { ...headers, odd: bytes, 'o\0dd': 'text' } }])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('the dead letter', async () => (await deadLetters()).length === 1)

    const [letter] = await deadLetters()
    const stored = new Map(
      (JSON.parse(String(letter?.headers)) as [string, string][]).map(([name, value]) => [
        Buffer.from(name, 'base64').toString(),
        Buffer.from(value, 'base64'),
      ]),
    )
    expect(stored.get('odd')).to.deep.equal(bytes)
    expect(stored.get('o\0dd')?.toString()).to.equal('text')
    const [row] = await published(topic)
    expect(row?.headers).to.deep.include({ odd: { base64: bytes.toString('base64') }, 'o\uFFFDdd': 'text' })
  })

  it('is put aside by each of two groups, which do not collide', async () => {
    const topic = await fixture.topic()
    await fixture.send(topic, [{ ...commandRecord(), value: null }])
    for (const name of ['wallet', 'audit']) await fixture.start({ name, handler: recordingHandler([topic]) })
    await until('both dead letters', async () => (await deadLetters()).length === 2)

    const ids = await fixture.query<{ message_id: string }>('SELECT DISTINCT message_id FROM outbox')
    expect(ids).to.have.length(2)
    const letters = await fixture.query('SELECT DISTINCT message_id FROM dead_letter')
    expect(letters, 'by its content').to.have.length(1)
  })

  it('is put aside once, however often it is read', async () => {
    const topic = await fixture.topic()
    const poison = { ...commandRecord({ key: 'bob' }), value: null }
    await fixture.send(topic, [poison, poison, commandRecord({ amount: 1n })])
    const first = await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('the message behind it', async () => (await fixture.effects()).length === 1)
    await first.stop()
    await fixture.query('UPDATE consumer_position SET next_offset = 0')
    await fixture.send(topic, [commandRecord({ amount: 2n })])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('the next one', async () => (await fixture.effects()).length === 2)

    expect(await deadLetters()).to.have.length(1)
    expect(await published(topic)).to.have.length(1)
  })

  it('whose handler throws is tried alone a few times, and nothing of it stays but the dead letter', async () => {
    const topic = await fixture.topic()
    let attempts = 0
    const handler = recordingHandler([topic], ({ key }, em) => {
      if (key !== 'bad') return
      attempts += 1
      void em
      throw new TypeError('cannot read\0 that')
    })
    const records = Array.from({ length: 40 }, (_, index) => commandRecord({ amount: BigInt(index + 1) }))
    await fixture.send(topic, [...records.slice(0, 20), commandRecord({ key: 'bad' }), ...records.slice(20)])
    await fixture.start({ name: 'wallet', handler, settings: { attemptsMax: 4 } })
    await until('the messages behind it', async () => (await fixture.effects()).length === 40)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal(
      records.map((_, index) => index + 1),
    )
    const [letter, ...others] = await deadLetters()
    expect(others).to.deep.equal([])
    expect(letter).to.include({
      reason: 'HANDLER_FAILED',
      attempts: 4,
      error: 'TypeError: cannot read\uFFFD that',
    })
    expect(attempts).to.be.greaterThan(4)
    expect(await fixture.query('SELECT 1 FROM inbox')).to.have.length(41)
  })
})
