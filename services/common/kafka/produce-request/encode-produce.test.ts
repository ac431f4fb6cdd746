import { expect } from 'chai'
import fc from 'fast-check'
import { readBatches } from '../fetch-response/read-batches.ts'
import { requireKafkaJs } from '../protocol/codec.ts'
import { encodeProduce, produceInOneGo } from './encode-produce.ts'
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

  it('is read again as what it was made of, also where KafkaJS writes no such record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMessage, { minLength: 1, maxLength: 5 }), async (messages) => {
        const now = 1_700_000_450_000
        const read = await readBatches(batchOf(encodeProduce(withAll(messages), now)), [], { bytesLeft: 1e6 })
        expect(
          read.map(({ key, value, timestamp, headers }) => ({ key, value, timestamp, headers })),
        ).to.deep.equal(messages.map((sent) => asRead(sent, now)))
      }),
      { numRuns: 300 },
    )
  })

  it('is not made where it has another length than was measured', () => {
    for (const [first, then] of [
      ['long', ''],
      ['long', 'longer'],
    ]) {
      let asked = 0
      const changing = {
        get value() {
          return asked++ === 0 ? first : then
        },
      }
      expect(() => encodeProduce(withAll([changing as ProducedMessage]))).to.throw(Error)
    }
  })

  it('is handed to KafkaJS without a copy', async () => {
    const args = withAll([{ value: 'v', timestamp: '1700000000000' }])
    const own = () => ({ request: {}, response: {} })
    const { request } = produceInOneGo(own as never)(args as never) as unknown as {
      request: { encode(): Promise<{ buf: Buffer; buffer: Buffer; size(): number }> }
    }
    const encoded = await request.encode()
    expect(encoded.buffer.equals(encodeProduce(args))).to.equal(true)
    expect([encoded.size(), encoded.buf.length]).to.deep.equal([encoded.buffer.length, encoded.buffer.length])
  })

  it('gives records without a time that of the request', () => {
    const at = (now: number): string =>
      encodeProduce(withAll([{ value: Buffer.from('v') }]), now).toString('hex')
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

function withAll(messages: readonly ProducedMessage[]): ProduceArguments {
  const partitions = [{ partition: 3, firstSequence: 7, messages }]
  return { acks: -1, timeout: 5_000, producerId: '4', topicData: [{ topic, partitions }] }
}

const topic = 'point-commands'
/** In a request for one partition of one topic. */
const batchAt = 2 + 2 + 4 + 4 + (2 + topic.length) + 4 + 4 + 4

/** The one batch of a request. */
function batchOf(request: Buffer): Buffer {
  return request.subarray(batchAt)
}

type Bytes = ProducedMessage['value']

function asRead({ key, value, timestamp = '', headers = {} }: ProducedMessage, now: number) {
  const read = new Map<string, (Buffer | null)[]>()
  for (const [name, content] of Object.entries(headers)) {
    const readName = Buffer.from(name).toString()
    const values = Array.isArray(content) ? content : [content]
    read.set(readName, [...(read.get(readName) ?? []), ...values.map(bufferOf)])
  }
  const filled = [...read].filter(([, values]) => values.length > 0)
  return {
    key: bufferOf(key),
    value: bufferOf(value),
    timestamp: timestamp || String(now),
    headers: Object.fromEntries(
      filled.map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
    ),
  }
}

function bufferOf(content: Bytes): Buffer | null {
  if (content === null || content === undefined) return null
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content)
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
/** Each half of a pair may stand alone. */
const codeUnit = fc.integer({ min: 0xd700, max: 0xe0ff }).map((unit) => String.fromCharCode(unit))
const text = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: codeUnit, maxLength: 20 }),
)
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
/** With what KafkaJS takes no record with, or gives a time of its own. */
const view = fc.uint8Array({ minLength: 2, maxLength: 300 }).map((array) => array.subarray(1, -1))
const anyBytes = fc.option(fc.oneof(bytes, text, view))
const anyMessage: fc.Arbitrary<ProducedMessage> = fc.record(
  {
    key: anyBytes,
    value: anyBytes,
    timestamp,
    headers: fc.dictionary(text, fc.oneof(anyBytes, fc.array(anyBytes, { maxLength: 3 })), { maxKeys: 12 }),
  },
  { requiredKeys: ['key', 'value', 'headers'] },
)
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
