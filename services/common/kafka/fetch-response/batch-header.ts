/** The header of a batch of records; https://kafka.apache.org/documentation/#recordbatch */
export interface BatchHeader {
  /** The size of the whole batch, including this header. */
  readonly sizeBytes: number
  /** The version of its format. Before 2 the fields below are unknown, and each entry is a batch. */
  readonly magic: number
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  readonly codec: number
  /** Whether its records have the time of their append, which is then the greatest time. */
  readonly appendTime: boolean
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly firstTimestampMs: number
  readonly timestampMsMax: number
  readonly producerId: bigint
  /** The number of records that it claims to have. */
  readonly records: number
}

/** The size of offset and length, which all formats begin with. */
const prefixBytes = 12
const magicAt = 16
const version2Bytes = 61

/** Reads the header at this place; undefined if the batch is incomplete, as the last one of a fetch may be. */
export function readHeader(bytes: Buffer, at: number): BatchHeader | undefined {
  if (bytes.length < at + magicAt + 1) return undefined
  const sizeBytes = prefixBytes + bytes.readInt32BE(at + 8)
  if (sizeBytes <= magicAt || bytes.length < at + sizeBytes) return undefined
  const firstOffset = bytes.readBigInt64BE(at)
  const magic = bytes.readInt8(at + magicAt)
  if (magic !== 2 || sizeBytes < version2Bytes)
    return { ...unknown, sizeBytes, magic, firstOffset, lastOffset: firstOffset }
  const attributes = bytes.readInt16BE(at + 21)
  return {
    sizeBytes,
    magic,
    firstOffset,
    lastOffset: firstOffset + BigInt(bytes.readInt32BE(at + 23)),
    codec: attributes & 0x07,
    appendTime: (attributes & 0x08) !== 0,
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    firstTimestampMs: Number(bytes.readBigInt64BE(at + 27)),
    timestampMsMax: Number(bytes.readBigInt64BE(at + 35)),
    producerId: bytes.readBigInt64BE(at + 43),
    records: bytes.readInt32BE(at + 57),
  }
}

/** The offset of the first record in a batch, in bytes. */
export function headerBytes({ magic }: BatchHeader): number {
  return magic === 2 ? version2Bytes : prefixBytes
}

const unknown = {
  codec: 0,
  appendTime: false,
  isTransactional: false,
  isControl: false,
  firstTimestampMs: 0,
  timestampMsMax: 0,
  producerId: -1n,
  records: 1,
}
