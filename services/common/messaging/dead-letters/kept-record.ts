import { createHash } from 'node:crypto'
import type { ConsumedRecord } from '@boxoffice/kafka'
import { believedReasons, type PoisonReason } from '../message/poison.ts'
import { keyBytesMax, recordBytes, recordBytesMax } from '../message/record-size.ts'
import { storedHeaders } from '../message/stored-headers.ts'

/** The number of bytes that are kept of a value which is no message, and of headers. */
const keptBytesMax = 65_536

/**
 * The part of a record that is kept when it is put aside: all of a message, and enough of other records to identify
 * them.
 */
export interface KeptRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ConsumedRecord['headers']
  /** The length and SHA-256 of the whole value, where only its beginning is kept. */
  readonly whole: { readonly bytes: number; readonly sha256: Buffer } | null
}

/**
 * Bounds what is kept, so that no record is too large to be put aside. A message that keeps its contract is kept
 * whole.
 */
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

/** As many of the first headers as fit into the bound. */
function firstHeaders({ headers, ...record }: ConsumedRecord): ConsumedRecord['headers'] {
  let left = keptBytesMax
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => {
      left -= storedHeaders({ ...record, headers: { [name]: value } }).length
      return left >= 0
    }),
  )
}
