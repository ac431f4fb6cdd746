/** The content of a batch of records. */
export interface BatchSpec {
  readonly firstOffset: number
  /** The last offset of the batch, which compaction may have emptied; that of the last record unless given. */
  readonly lastOffset?: number
  readonly records: readonly RecordSpec[]
  readonly codec?: number
  readonly producerId?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  readonly magic?: number
  /** The number of records in the header. */
  readonly count?: number
  /** The content in place of the records' bytes. */
  readonly content?: Buffer
}

export interface RecordSpec {
  readonly offset: number
  readonly key?: Buffer | null
  readonly value?: Buffer | null
  readonly headers?: readonly (readonly [string, Buffer | null])[]
}

/** A batch in the form of a broker's log; https://kafka.apache.org/documentation/#recordbatch */
export function batchBytes(spec: BatchSpec): Buffer {
  const { firstOffset, records, codec = 0, magic = 2, producerId = -1 } = spec
  const content = spec.content ?? recordsBytes(spec)
  const batch = Buffer.alloc(61 + content.length)
  batch.writeBigInt64BE(BigInt(firstOffset), 0)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt8(magic, 16)
  const flags = codec | (spec.isTransactional ? 0x10 : 0) | (spec.isControl ? 0x20 : 0)
  batch.writeInt16BE(flags, 21)
  batch.writeInt32BE((spec.lastOffset ?? records.at(-1)?.offset ?? firstOffset) - firstOffset, 23)
  batch.writeBigInt64BE(1_000n, 27)
  batch.writeBigInt64BE(2_000n, 35)
  batch.writeBigInt64BE(BigInt(producerId), 43)
  batch.writeInt32BE(spec.count ?? records.length, 57)
  content.copy(batch, 61)
  return batch
}

/** The marker that ends a transaction. */
export function markerBytes(offset: number, producerId: number, end: 'abort' | 'commit'): Buffer {
  const key = Buffer.from([0, 0, 0, end === 'abort' ? 0 : 1])
  const records = [{ offset, key }]
  return batchBytes({ firstOffset: offset, producerId, isTransactional: true, isControl: true, records })
}

/** The records of a batch, one after the other. */
export function recordsBytes({ firstOffset, records }: Pick<BatchSpec, 'firstOffset' | 'records'>): Buffer {
  return Buffer.concat(
    records.map(({ offset, key = null, value = null, headers = [] }) => {
      const body = Buffer.concat([
        Buffer.from([0]),
        varint(5),
        varint(offset - firstOffset),
        field(key),
        field(value),
        varint(headers.length),
        ...headers.flatMap(([name, text]) => [field(Buffer.from(name)), field(text)]),
      ])
      return Buffer.concat([varint(body.length), body])
    }),
  )
}

function field(bytes: Buffer | null): Buffer {
  return bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes])
}

export function varint(number: number): Buffer {
  const bytes: number[] = []
  let left = number < 0 ? -2 * number - 1 : 2 * number
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return Buffer.from([...bytes, left])
}
