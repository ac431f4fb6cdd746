import { requireKafkaJs } from '../protocol/codec.ts'
import { type ByteWriter, utf8Length, varintLength } from './byte-writer.ts'

type Bytes = Uint8Array | string | null | undefined

/** A record as KafkaJS accepts it. */
export interface ProducedMessage {
  readonly key?: Bytes
  readonly value: Bytes
  /** Milliseconds since 1970 in decimal digits; the current time by default. */
  readonly timestamp?: string
  readonly headers?: Readonly<Record<string, Bytes | readonly Bytes[]>>
}

/** The producer of a batch and the number of its first record: the broker uses them to drop repeats. */
export interface ProducerState {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly isTransactional: boolean
}

/** A record with its length. */
interface SizedRecord {
  readonly message: ProducedMessage
  readonly headers: readonly (readonly [name: string, value: Bytes])[]
  readonly timestampDelta: number
  readonly offsetDelta: number
  /** The length, without the bytes of the length itself. */
  readonly bodyBytes: number
}

/** The records of one partition and their size as one batch. */
export interface SizedBatch {
  readonly records: readonly SizedRecord[]
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  readonly bytes: number
}

/** The bytes from the beginning of a batch to its first record. */
const batchHeaderBytes = 61
/** The bytes of its first offset and its length, which the length does not count. */
const uncountedBytes = 12
/** The bytes from the beginning of a batch to what its checksum covers. */
const checkedFrom = 21
const checksumAt = 17
const attributesBytes = 1
const noLeaderEpoch = 0
const magic = 2
const transactional = 16

const crc32C: (bytes: Uint8Array) => number = requireKafkaJs('kafkajs/src/protocol/recordBatch/crc32C')

/** @param now - the time of records without a time, in milliseconds since 1970 */
export function measureBatch(messages: readonly ProducedMessage[], now: number): SizedBatch {
  const times = messages.map(({ timestamp }) => (timestamp === undefined ? now : Number(timestamp)))
  let [firstTimestamp, maxTimestamp] = [times[0] ?? now, times[0] ?? now]
  for (const time of times) {
    firstTimestamp = Math.min(firstTimestamp, time)
    maxTimestamp = Math.max(maxTimestamp, time)
  }
  const records = messages.map((message, nth) => measure(message, nth, (times[nth] ?? now) - firstTimestamp))
  let bytes = batchHeaderBytes
  for (const { bodyBytes } of records) bytes += varintLength(bodyBytes) + bodyBytes
  return { records, firstTimestamp, maxTimestamp, bytes }
}

function measure(message: ProducedMessage, offsetDelta: number, timestampDelta: number): SizedRecord {
  const headers = headersOf(message)
  let bodyBytes =
    attributesBytes +
    varintLength(timestampDelta) +
    varintLength(offsetDelta) +
    lengthOf(message.key) +
    lengthOf(message.value) +
    varintLength(headers.length)
  for (const [name, value] of headers) bodyBytes += lengthOf(name) + lengthOf(value)
  return { message, headers, timestampDelta, offsetDelta, bodyBytes }
}

/** A list of values becomes several headers of the same name. */
function headersOf({ headers = {} }: ProducedMessage): (readonly [string, Bytes])[] {
  const flat: (readonly [string, Bytes])[] = []
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (isList(value)) for (const one of value) flat.push([name, one])
    else flat.push([name, value])
  }
  return flat
}

function isList(value: Bytes | readonly Bytes[]): value is readonly Bytes[] {
  return Array.isArray(value)
}

/** The length of a value with its length in front. */
function lengthOf(value: Bytes): number {
  if (value === null || value === undefined) return varintLength(-1)
  const bytes = bytesOf(value)
  return varintLength(bytes) + bytes
}

function bytesOf(value: Uint8Array | string): number {
  return typeof value === 'string' ? utf8Length(value) : value.length
}

/** Writes a batch in Kafka's format of records, version 2, without compression. */
export function writeBatch(out: ByteWriter, batch: SizedBatch, state: ProducerState): void {
  const { records, firstTimestamp, maxTimestamp, bytes } = batch
  const start = out.offset
  out.int64(0n)
  out.int32(bytes - uncountedBytes)
  out.int32(noLeaderEpoch)
  out.int8(magic)
  out.int32(0)
  out.int16(state.isTransactional ? transactional : 0)
  out.int32(records.length - 1)
  out.int64(BigInt(firstTimestamp))
  out.int64(BigInt(maxTimestamp))
  out.int64(state.producerId)
  out.int16(state.producerEpoch)
  out.int32(state.firstSequence)
  out.int32(records.length)
  for (const record of records) writeRecord(out, record)
  const checked = out.bytes.subarray(start + checkedFrom, out.offset)
  out.bytes.writeUInt32BE(crc32C(checked), start + checksumAt)
}

function writeRecord(out: ByteWriter, record: SizedRecord): void {
  out.varint(record.bodyBytes)
  out.int8(0)
  out.varint(record.timestampDelta)
  out.varint(record.offsetDelta)
  writeBytes(out, record.message.key)
  writeBytes(out, record.message.value)
  out.varint(record.headers.length)
  for (const [name, value] of record.headers) {
    writeBytes(out, name)
    writeBytes(out, value)
  }
}

function writeBytes(out: ByteWriter, value: Bytes): void {
  if (value === null || value === undefined) {
    out.varint(-1)
    return
  }
  out.varint(bytesOf(value))
  if (typeof value === 'string') out.text(value)
  else out.raw(value)
}
