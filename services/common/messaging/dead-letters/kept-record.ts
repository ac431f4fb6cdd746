import { createHash } from 'node:crypto'
import type { ConsumedRecord } from '@boxoffice/kafka'
import { believedReasons, type PoisonReason } from '../message/poison.ts'
import { keyBytesMax, recordBytes, recordBytesMax } from '../message/record-size.ts'
import { storedHeaders } from '../message/stored-headers.ts'

/** What is kept of a value that no message has, and of headers. */
const keptBytesMax = 65_536

/** What is kept of a record that is put aside: all of a message, and of anything else as much as tells what it was. */
export interface KeptRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ConsumedRecord['headers']
  /** Length and SHA-256 of the value, where only its beginning is kept. */
  readonly whole: { readonly bytes: number; readonly sha256: Buffer } | null
}

/** Bounds what is kept, so that nothing fails for what is put aside. A message that keeps its contract is kept whole. */
export function keptRecord(record: ConsumedRecord, reason: PoisonReason): KeptRecord {
  const { key, value, headers } = record
  if (believedReasons.has(reason) && recordBytes(record) <= recordBytesMax)
    return { key, value, headers, whole: null }
  const isWhole = value === null || value.length <= keptBytesMax
  return {
    key: key === null ? null : key.subarray(0, keyBytesMax),
    value: isWhole ? value : value.subarray(0, keptBytesMax),
    headers: firstHeaders(record),
    whole: isWhole ? null : { bytes: value.length, sha256: createHash('sha256').update(value).digest() },
  }
}

/** The first headers, as many as are stored in the bound. */
function firstHeaders({ headers, ...record }: ConsumedRecord): ConsumedRecord['headers'] {
  let left = keptBytesMax
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => {
      left -= storedHeaders({ ...record, headers: { [name]: value } }).length
      return left >= 0
    }),
  )
}
