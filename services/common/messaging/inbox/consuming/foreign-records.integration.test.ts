import { randomBytes } from 'node:crypto'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import {
  codecs,
  type ForeignWriter,
  startForeignWriter,
} from '@boxoffice/common/testing/foreign-writer/foreign-writer.ts'
import { batchBytesMax, withAdmin } from '@boxoffice/kafka'
import { expect } from 'chai'

interface DeadLetterRow {
  readonly reason: string
  readonly error: string
  readonly offset: string
  readonly key: Buffer | null
  readonly payload: Buffer | null
  readonly payload_bytes: string | null
  readonly payload_sha256: Buffer | null
}

const sha256OfZeros = 'b39781589c4403fb82174c9647a010464cff38bad976547d339899b00053a545'

describe('what other clients write', () => {
  let fixture: ConsumerFixture
  let writer: ForeignWriter
  before(async () => {
    fixture = await createConsumerFixture()
    writer = await startForeignWriter((process.env.TEST_KAFKA_BROKERS ?? '').split(','))
  })
  afterEach(() => fixture.clear())
  after(async () => {
    await writer.stop()
    await fixture.dispose()
  })

  const deadLetters = (): Promise<DeadLetterRow[]> =>
    fixture.query('SELECT * FROM dead_letter ORDER BY "offset"')
  const amounts = async (): Promise<number[]> => (await fixture.effects()).map(({ amount }) => amount)

  it('is handled in every codec of Kafka', async () => {
    const topic = await fixture.topic()
    for (const [nth, codec] of codecs.entries()) {
      const records = [1, 2, 3].map((amount) => commandRecord({ amount: BigInt(10 * nth + amount) }))
      await writer.write({ topic, codec, records })
    }
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('all of them', async () => (await amounts()).length === 15)
    expect(await amounts()).to.deep.equal(
      [0, 1, 2, 3, 4].flatMap((nth) => [10 * nth + 1, 10 * nth + 2, 10 * nth + 3]),
    )
    expect(await deadLetters()).to.deep.equal([])
  })

  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    it(`is put aside as a batch where ${codec} expands it to more than a batch may have, and the partition goes on`, async () => {
      const topic = await fixture.topic()
      // The others of them are no larger than a broker takes.
      const bytes = codec === 'gzip' || codec === 'zstd' ? (64 * batchBytesMax) / 8 : batchBytesMax + 1
      await writer.write({ topic, codec, records: [{ value: bytes }] })
      await writer.write({ topic, codec, records: [commandRecord({ amount: 7n })] })
      await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
      await until('what stands behind it', async () => (await amounts()).length === 1)
      const [letter] = await deadLetters()
      expect(letter).to.include({ reason: 'UNREADABLE', offset: '0' })
      expect(letter?.error).to.match(
        /a batch of 1 records expands to more than 8388608 bytes; offsets 0 to 0/,
      )
      expect(letter?.payload?.length).to.be.at.most(65_536)
    })
  }

  it('is put aside with its first 64 kB, its length and its hash where it is larger than any message', async () => {
    const topic = await fixture.topic()
    const key = randomBytes(70_000)
    await writer.write({
      topic,
      codec: 'zstd',
      records: [{ key, value: 5_000_000 }, commandRecord({ amount: 7n })],
    })
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('what stands behind it', async () => (await amounts()).length === 1)
    const [letter, ...others] = await deadLetters()
    expect(others).to.deep.equal([])
    expect(letter).to.include({ reason: 'TOO_LARGE', offset: '0', payload_bytes: '5000000' })
    expect(letter?.payload?.equals(Buffer.alloc(65_536))).to.equal(true)
    expect(letter?.key?.equals(key.subarray(0, 65_536))).to.equal(true)
    expect(letter?.payload_sha256?.toString('hex')).to.equal(sha256OfZeros)
    const [published] = await fixture.query<{ headers: Record<string, string>; payload: Buffer }>(
      'SELECT headers, payload FROM outbox WHERE topic = $1',
      [`${topic}-dlt`],
    )
    expect(published?.headers).to.include({ 'x-payload-bytes': '5000000', 'x-payload-sha256': sha256OfZeros })
    expect(published?.payload.length).to.equal(65_536)
    expect(await fixture.query('SELECT * FROM parked_key')).to.deep.equal([])
  })

  it('moves the position past an aborted transaction, also where nothing stands behind it', async () => {
    const topic = await fixture.topic()
    await writer.write({ topic, codec: 'none', end: 'abort', records: [commandRecord({ amount: 1n })] })
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await positionIs(2)
    await writer.write({ topic, codec: 'lz4', end: 'commit', records: [commandRecord({ amount: 2n })] })
    await writer.write({ topic, codec: 'lz4', end: 'abort', records: [commandRecord({ amount: 3n })] })
    await positionIs(6)
    expect(await amounts()).to.deep.equal([2])
    expect(await deadLetters()).to.deep.equal([])
    await until('what Kafka was told', async () => {
      const [offsets] = await withAdmin(fixture.kafka, (admin) =>
        admin.fetchOffsets({ groupId: 'wallet', topics: [topic] }),
      )
      return offsets?.partitions[0]?.offset === '6'
    })
  })

  async function positionIs(end: number): Promise<void> {
    await until(`the position ${end}`, async () => {
      const rows = await fixture.query<{ next_offset: string }>('SELECT next_offset FROM consumer_position')
      return rows.length === 1 && rows[0]?.next_offset === String(end)
    })
  }
})
