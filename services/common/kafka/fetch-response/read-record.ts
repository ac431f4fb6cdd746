import type { HeaderValue } from '../consumed-record.ts'
import { UnreadableError } from './unreadable-error.ts'

/** One record of a batch, in Kafka's format 2. */
export interface BatchRecord {
  readonly offsetDelta: number
  readonly timestampDelta: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>
}

/**
 * The records and headers that a batch may still have: each takes far more memory than the two bytes it is sent as.
 */
export interface Parts {
  left: number
}

/** Reads records one after the other. @throws UnreadableError if bytes are missing or invalid */
export class RecordReader {
  readonly #bytes: Buffer
  readonly #parts: Parts
  #at = 0

  constructor(bytes: Buffer, parts: Parts) {
    this.#bytes = bytes
    this.#parts = parts
  }

  readRecord(): BatchRecord {
    this.#countPart()
    const length = this.#varint()
    const end = this.#at + length
    if (length < 0 || end > this.#bytes.length) throw missing()
    // The attributes, which are not used.
    this.#at += 1
    const timestampDelta = Number(this.#varlong())
    const offsetDelta = this.#varint()
    const key = this.#field()
    const value = this.#field()
    const headers = this.#headers()
    if (this.#at > end) throw new UnreadableError('has a record that is longer than it says')
    this.#at = end
    return { offsetDelta, timestampDelta, key, value, headers }
  }

  #headers(): BatchRecord['headers'] {
    const headers = new Map<string, HeaderValue | HeaderValue[]>()
    const count = this.#varint()
    if (count < 0) throw new UnreadableError('has a record with fewer headers than none')
    for (let nth = 0; nth < count; nth++) {
      this.#countPart()
      const name = (this.#field() ?? Buffer.alloc(0)).toString()
      const value = this.#field()
      const before = headers.get(name)
      if (before === undefined) headers.set(name, value)
      else if (Array.isArray(before)) before.push(value)
      else headers.set(name, [before, value])
    }
    return Object.fromEntries(headers)
  }

  #countPart(): void {
    this.#parts.left -= 1
    if (this.#parts.left < 0) throw new UnreadableError('has more records and headers than are read at once')
  }

  /** Reads bytes behind their length; null if that is -1. */
  #field(): Buffer | null {
    const length = this.#varint()
    if (length === -1) return null
    if (length < 0 || length > this.#bytes.length - this.#at) throw missing()
    const field = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return field
  }

  #varint(): number {
    const first = this.#bytes[this.#at]
    // Nearly every number is this short.
    if (first !== undefined && first < 0x80) {
      this.#at += 1
      return (first >> 1) ^ -(first & 1)
    }
    const number = Number(this.#varlong())
    if (Math.abs(number) > 2 ** 31) throw new UnreadableError('has a number that is too large')
    return number
  }

  /** Reads a number of seven bits per byte, the lowest first; the sign is the lowest bit. */
  #varlong(): bigint {
    let raw = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) throw missing()
      this.#at += 1
      raw |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return (raw >> 1n) ^ -(raw & 1n)
    }
    throw new UnreadableError('has a number that does not end')
  }
}

function missing(): UnreadableError {
  return new UnreadableError('ends within a record')
}
