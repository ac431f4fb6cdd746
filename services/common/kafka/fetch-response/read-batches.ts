import type { UnreadableBatch } from '../consumed-record.ts'
import { type AbortedTransaction, openTransactions } from './aborted-transactions.ts'
import { type BatchHeader, headerBytes, readHeader } from './batch-header.ts'
import { expand } from './expand.ts'
import { type BatchRecord, type Parts, RecordReader } from './read-record.ts'
import { UnreadableError } from './unreadable-error.ts'

/** What one batch may expand to: eight times what the topics take compressed. */
export const batchBytesMax = 8 * 1024 * 1024
/** Records and headers of one batch. */
const batchPartsMax = 65_536
/** What a record or a header takes in memory, whatever it was sent as: two bytes may be one. */
const partBytes = 256

/** A record as KafkaJS hands it on. */
export interface FetchedMessage extends Pick<BatchRecord, 'key' | 'value' | 'headers'> {
  readonly offset: string
  /** Milliseconds since 1970. */
  readonly timestamp: string
  /** Whether it is none for consumers: it only says that the log goes on behind it. */
  readonly isControlRecord: boolean
  readonly unreadable?: UnreadableBatch
}

/** What is left for a fetch to take in memory, in bytes, whatever its partitions hold: what is expanded, and what is made of it. */
export interface ExpansionBudget {
  bytesLeft: number
}

/**
 * Reads the batches of one partition as far as they came whole. Never throws: a batch that cannot be read is one message, at its last
 * offset, that says so; what only its writers and the broker need (control records, aborted transactions, offsets that compaction
 * has emptied) is a control record at its last offset, so that a reader gets past it.
 *
 * @param budget - once it is used up, the rest is left for the next fetch
 */
export async function readBatches(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
  budget: ExpansionBudget,
): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[] = []
  const transactions = openTransactions(aborted)
  for (let at = 0; budget.bytesLeft > 0; ) {
    const header = readHeader(bytes, at)
    if (header === undefined) break
    const content = bytes.subarray(at + headerBytes(header), at + header.sizeBytes)
    at += header.sizeBytes
    if (transactions.isForConsumers(header)) await readBatch(header, content, budget, messages)
    const { lastOffset } = header
    if (messages.at(-1)?.offset !== String(lastOffset)) {
      budget.bytesLeft -= partBytes
      messages.push(passedOver(header))
    }
  }
  return messages
}

async function readBatch(
  header: BatchHeader,
  content: Buffer,
  budget: ExpansionBudget,
  messages: FetchedMessage[],
): Promise<void> {
  try {
    if (header.magic !== 2) throw new UnreadableError(`is in format ${header.magic}, and 2 is what is read`)
    const expanded = await expand(header.codec, content, batchBytesMax)
    const parts = { left: batchPartsMax }
    const records = readRecords(header, expanded, parts)
    budget.bytesLeft -= expanded.length + (batchPartsMax - parts.left) * partBytes
    for (const record of records) messages.push(record)
  } catch (error) {
    // It may have been expanded as far as that.
    budget.bytesLeft -= batchBytesMax
    messages.push(unreadable(header, content, error as Error))
  }
}

function readRecords(header: BatchHeader, expanded: Buffer, parts: Parts): FetchedMessage[] {
  const reader = new RecordReader(expanded, parts)
  const records: FetchedMessage[] = []
  let nextOffset = header.firstOffset
  for (let nth = 0; nth < header.records; nth++) {
    const { offsetDelta, timestampDelta, key, value, headers } = reader.readRecord()
    const offset = header.firstOffset + BigInt(offsetDelta)
    if (offset < nextOffset) throw new UnreadableError('has records out of their order')
    nextOffset = offset + 1n
    if (offset > header.lastOffset) throw new UnreadableError('has a record behind its last offset')
    const timestampMs = header.appendTime ? header.timestampMsMax : header.firstTimestampMs + timestampDelta
    const timestamp = String(timestampMs)
    records.push({ offset: String(offset), timestamp, key, value, headers, isControlRecord: false })
  }
  return records
}

function unreadable(header: BatchHeader, content: Buffer, { message }: Error): FetchedMessage {
  const { firstOffset, lastOffset, records } = header
  return {
    ...passedOver(header),
    value: content,
    isControlRecord: false,
    unreadable: { firstOffset, lastOffset, records, error: `a batch of ${records} records ${message}` },
  }
}

function passedOver({ lastOffset, timestampMsMax }: BatchHeader): FetchedMessage {
  return {
    offset: String(lastOffset),
    timestamp: String(timestampMsMax),
    key: null,
    value: null,
    headers: {},
    isControlRecord: true,
  }
}
