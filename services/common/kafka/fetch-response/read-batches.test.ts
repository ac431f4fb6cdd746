import { gzipSync } from 'node:zlib'
import {
  type BatchSpec,
  batchBytes,
  markerBytes,
  recordsBytes,
  varint,
} from '@boxoffice/common/testing/record-batch.ts'
import { expect } from 'chai'
import fc from 'fast-check'
import type { AbortedTransaction } from './aborted-transactions.ts'
import { responseBytesMax } from './fetched-memory.ts'
import { batchBytesMax, type FetchedMessage, readBatches } from './read-batches.ts'

describe('the batches of a partition', () => {
  it('are records with all that stands in them', async () => {
    const headers = [
      ['a', Buffer.from('1')],
      ['__proto__', Buffer.from('2')],
      ['a', null],
    ] as const
    const [message] = await read([
      { firstOffset: 7, records: [{ offset: 7, key: Buffer.from('k'), value: Buffer.from('v'), headers }] },
    ])
    const { key, value, ...rest } = message as FetchedMessage
    expect([String(key), String(value)]).to.deep.equal(['k', 'v'])
    expect(rest).to.deep.include({ offset: '7', timestamp: '1005', isControlRecord: false })
    expect(Object.entries(rest.headers)).to.deep.equal([
      ['a', [Buffer.from('1'), null]],
      ['__proto__', Buffer.from('2')],
    ])
  })

  it('move a reader past what compaction has taken from their ends, and past all that it has emptied', async () => {
    const messages = await read([
      { firstOffset: 0, lastOffset: 9, records: [{ offset: 3 }] },
      { firstOffset: 10, lastOffset: 19, records: [] },
    ])
    expect(placesOf(messages)).to.deep.equal(['3', '9 passed over', '19 passed over'])
  })

  it('end where the last one did not come whole', async () => {
    const [first, second] = [3, 4].map((offset) => batchBytes({ firstOffset: offset, records: [{ offset }] }))
    const cut = Buffer.concat([first as Buffer, (second as Buffer).subarray(0, -1)])
    expect(placesOf(await readBatches(cut, [], { bytesLeft: 100_000 }))).to.deep.equal(['3'])
  })

  it('leave out aborted transactions that overlap, in whatever order they are named', async () => {
    const messages = await readBatches(
      Buffer.concat([
        transactional(0, 1),
        transactional(1, 2),
        transactional(2, 3),
        markerBytes(3, 2, 'abort'),
        transactional(4, 1),
        markerBytes(5, 1, 'abort'),
        markerBytes(6, 3, 'commit'),
        transactional(7, 1),
      ]),
      // By their ends, as a broker names them; a reader that begins in the middle sees none of their beginnings.
      [
        { producerId: 2n, firstOffset: 1n },
        { producerId: 1n, firstOffset: 0n },
      ],
      { bytesLeft: 100_000 },
    )
    const seen = messages.filter(({ isControlRecord }) => !isControlRecord).map(({ offset }) => offset)
    expect(seen).to.deep.equal(['2', '7'])
    expect(messages.map(({ offset }) => offset)).to.deep.equal(['0', '1', '2', '3', '4', '5', '6', '7'])
  })

  const unreadable: readonly { what: string; spec: Partial<BatchSpec>; error: RegExp }[] = [
    {
      what: 'expands to more than the bound',
      spec: { codec: 1, content: gzipSync(Buffer.alloc(batchBytesMax + 1)) },
      error: /expands to more than 8388608 bytes/,
    },
    {
      what: 'is compressed by a codec that there is not',
      spec: { codec: 7 },
      error: /a codec that Kafka has not, 7/,
    },
    { what: 'is not what its codec says', spec: { codec: 4 }, error: /is no zstd/ },
    { what: 'is in the format of Kafka 0.10', spec: { magic: 1 }, error: /is in format 1/ },
    {
      what: 'says that it has more records than it has',
      spec: { count: 1_000 },
      error: /ends within a record/,
    },
    { what: 'has an offset twice', spec: { records: offsets(3, 3, 4) }, error: /records out of their order/ },
    {
      what: 'has records whose offsets go back',
      spec: { lastOffset: 4, records: offsets(4, 3) },
      error: /records out of their order/,
    },
    {
      what: 'has a record before its first offset',
      spec: { lastOffset: 4, content: recordsBytes({ firstOffset: 4, records: offsets(3) }), count: 1 },
      error: /records out of their order/,
    },
    { what: 'has a record behind its last offset', spec: { lastOffset: 3 }, error: /behind its last offset/ },
    {
      what: 'has a record that is longer than itself',
      spec: { content: Buffer.concat([varint(2 ** 30), Buffer.alloc(9)]) },
      error: /ends within a record/,
    },
    {
      what: 'has a million headers',
      spec: { content: manyHeaders() },
      error: /more records and headers than are read at once/,
    },
  ]
  for (const { what, spec, error } of unreadable) {
    it(`that ${what} is one message at its last offset, and the next ones are read`, async () => {
      const messages = await read([
        { firstOffset: 3, records: [{ offset: 3 }, { offset: 4 }], ...spec },
        { firstOffset: 5, records: [{ offset: 5 }] },
      ])
      const lastOffset = spec.magic === 1 || spec.lastOffset === 3 ? '3' : '4'
      expect(placesOf(messages)).to.deep.equal([`${lastOffset} unreadable`, '5'])
      expect(messages[0]?.unreadable?.error).to.match(error)
      expect(messages[0]?.unreadable?.firstOffset).to.equal(3n)
    })
  }

  it('are left for the next fetch once enough of them was expanded', async () => {
    const content = gzipSync(Buffer.alloc(batchBytesMax))
    const [first, second, third] = [0, 1, 2].map((firstOffset) =>
      batchBytes({ firstOffset, codec: 1, content, records: [] }),
    ) as [Buffer, Buffer, Buffer]
    const budget = { bytesLeft: batchBytesMax + 1_000 }
    const messages = await readBatches(Buffer.concat([first, second, third]), [], budget)
    expect(messages).to.have.length(2)
    expect(await readBatches(third, [], budget)).to.deep.equal([])
  })

  for (const [what, codec, compress] of [
    ['compressed', 1, gzipSync],
    ['uncompressed', 0, (bytes: Buffer) => bytes],
  ] as const) {
    it(`are left for the next fetch once it has many records, however small they are and ${what}`, async () => {
      const records = Array.from({ length: 65_000 }, (_, offset) => ({ offset }))
      const content = compress(recordsBytes({ firstOffset: 0, records }))
      const batches = Array.from({ length: 28 }, (_, nth) =>
        batchBytes({
          firstOffset: nth * 65_000,
          lastOffset: nth * 65_000 + 64_999,
          codec,
          content,
          count: 65_000,
          records: [],
        }),
      )
      const budget = { bytesLeft: responseBytesMax }
      const messages = await readBatches(Buffer.concat(batches), [], budget)
      expect(messages).to.have.length(65_000)
      expect(messages.at(-1)?.offset).to.equal('64999')
      expect(await readBatches(batches[1] as Buffer, [], budget)).to.deep.equal([])
    })
  }

  it('are left for the next fetch once it has many that hold nothing', async () => {
    const batches = Array.from({ length: 100_000 }, (_, firstOffset) =>
      batchBytes({ firstOffset, records: [] }),
    )
    const messages = await readBatches(Buffer.concat(batches), [], { bytesLeft: responseBytesMax })
    expect(messages).to.have.length(65_536)
  })

  it('never throw, whatever stands in them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 7 }),
        fc.uint8Array({ maxLength: 300 }),
        async (codec, content) => {
          const spec = {
            firstOffset: 0,
            lastOffset: 4,
            count: 5,
            codec,
            content: Buffer.from(content),
            records: [],
          }
          const messages = await read([
            spec,
            { ...spec, isControl: true },
            { ...spec, firstOffset: 5, lastOffset: 5 },
          ])
          expect(messages.at(-1)?.offset).to.equal('5')
        },
      ),
    )
  })
})

async function read(
  specs: readonly BatchSpec[],
  aborted: readonly AbortedTransaction[] = [],
): Promise<FetchedMessage[]> {
  return await readBatches(Buffer.concat(specs.map(batchBytes)), aborted, { bytesLeft: 64 * 1024 * 1024 })
}

function placesOf(messages: readonly FetchedMessage[]): string[] {
  return messages.map(({ offset, isControlRecord, unreadable }) =>
    isControlRecord ? `${offset} passed over` : unreadable === undefined ? offset : `${offset} unreadable`,
  )
}

function offsets(...all: readonly number[]): BatchSpec['records'] {
  return all.map((offset) => ({ offset }))
}

function transactional(offset: number, producerId: number): Buffer {
  return batchBytes({ firstOffset: offset, producerId, isTransactional: true, records: [{ offset }] })
}

function manyHeaders(): Buffer {
  const headers = Array.from({ length: 1_000_000 }, () => ['', null] as const)
  return recordsBytes({ firstOffset: 3, records: [{ offset: 3, headers }] })
}
