import { expect } from 'chai'
import fc from 'fast-check'
import { requireKafkaJs } from '../protocol/codec.ts'
import { encodeProduce } from './encode-produce.ts'
import type { ProducedMessage } from './record-batch.ts'

type ProduceArguments = Parameters<typeof encodeProduce>[0]

const requestOfKafkaJs = requireKafkaJs('kafkajs/src/protocol/requests/produce/v7/request') as (
  args: object,
) => {
  encode(): Promise<{ readonly buffer: Buffer }>
}
const Long = requireKafkaJs('kafkajs/src/utils/long') as { fromValue(value: string): object }

describe('a request to produce that is written in one go', () => {
  it('has the bytes that KafkaJS writes, whatever keys, values, headers, times and partitions it has', async () => {
    await fc.assert(fc.asyncProperty(produceArguments, expectSame), { numRuns: 300 })
  })

  it('gives records without a time that of the request', () => {
    const at = (now: number): string =>
      encodeProduce(withOne({ value: Buffer.from('v') }), now).toString('hex')
    const time = (now: number): string => now.toString(16).padStart(16, '0')
    expect(at(1_700_000_000_000)).to.include(time(1_700_000_000_000) + time(1_700_000_000_000))
  })

  it('may have records that are decades apart', async () => {
    const messages = ['1000000000000', '1700000000000'].map((timestamp) => ({ value: 'v', timestamp }))
    const topicData = [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages }] }]
    await expectSame({ acks: -1, timeout: 1, producerId: '1', producerEpoch: 0, topicData })
  })
})

async function expectSame(args: ProduceArguments): Promise<void> {
  const own = requestOfKafkaJs({ ...args, producerId: Long.fromValue(String(args.producerId)) })
  const { buffer } = await own.encode()
  expect(encodeProduce(args).toString('hex')).to.equal(buffer.toString('hex'))
}

function withOne(message: ProducedMessage): ProduceArguments {
  const partitions = [{ partition: 3, firstSequence: 7, messages: [message] }]
  return { acks: -1, timeout: 5_000, producerId: '4', topicData: [{ topic: 'point-commands', partitions }] }
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const text = fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: 'grapheme', maxLength: 20 }))
/** Every time of a batch is of the same length, for KafkaJS sorts them as text. */
const timestamp = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_900_000 }).map(String)
const message: fc.Arbitrary<ProducedMessage> = fc.record({
  key: fc.option(fc.oneof(bytes, text)),
  value: fc.option(fc.oneof(bytes, text)),
  timestamp,
  headers: fc.dictionary(text, fc.oneof(bytes, text, fc.array(fc.oneof(bytes, text), { maxLength: 3 })), {
    maxKeys: 12,
  }),
})
const produceArguments: fc.Arbitrary<ProduceArguments> = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(),
  transactionalId: fc.option(text, { nil: null }),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 62n }).map(String),
  producerEpoch: fc.nat({ max: 1_000 }),
  topicData: fc.array(
    fc.record({
      topic: text,
      partitions: fc.array(
        fc.record({
          partition: fc.nat({ max: 11 }),
          firstSequence: fc.nat(),
          messages: fc.array(message, { minLength: 1, maxLength: 5 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
})
