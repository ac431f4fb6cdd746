import type { UnreadableBatch } from '../consumed-record.ts'
import { type AbortedTransaction, openTransactions } from './aborted-transactions.ts'
import { type BatchHeader, headerBytes, readHeader } from './batch-header.ts'
import { expand } from './expand.ts'
import { type BatchRecord, type Parts, RecordReader } from './read-record.ts'
import { UnreadableError } from './unreadable-error.ts'

/** The most bytes to which one batch may expand: eight times what the topics accept compressed. */
export const batchBytesMax = 8 * 1024 * 1024
/** The most records and headers of one batch. */
const batchPartsMax = 65_536
/** The memory of a record or a header, whatever its size when sent: two bytes may be one. */
const partBytes = 256

/** A record as KafkaJS passes it on. */
export interface FetchedMessage extends Pick<BatchRecord, 'key' | 'value' | 'headers'> {
  readonly offset: string
  /** Milliseconds since 1970. */
  readonly timestamp: string
  /** Whether it is not for consumers, and only moves the position behind it. */
  readonly isControlRecord: boolean
  readonly unreadable?: UnreadableBatch
}

/** The memory that a fetch may still take, in bytes, for what is expanded and for the messages, in all partitions. */
export interface ExpansionBudget {
  bytesLeft: number
}

/**
 * Reads the complete batches of one partition. It never throws. A batch that cannot be read becomes one message at its
 * last offset, with the reason. A batch that only writers and brokers need (control records, aborted transactions,
 * offsets that compaction has emptied) becomes a control record at its last offset, so that a reader moves past it.
 *
 * @param budget - once it is used up, the next fetch reads the rest
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
    // The memory up to this size may have been used.
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
