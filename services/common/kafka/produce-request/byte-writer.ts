const maxAscii = 0x7f
/** The longest text for which a loop over the characters is faster than a call into Node's native code. */
const shortChars = 24

/** The number of bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  return isShortAscii(text) ? text.length : Buffer.byteLength(text)
}

function isShortAscii(text: string): boolean {
  if (text.length > shortChars) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > maxAscii) return false
  return true
}

/** The number of bytes of a signed number as a varint: zigzag, seven bits per byte, as in Kafka's records. */
export function varintLength(value: number): number {
  if (!isInt32(value)) return varlongLength(BigInt(value))
  let bytes = 1
  for (let left = zigzag(value) >>> 7; left !== 0; left >>>= 7) bytes += 1
  return bytes
}

function varlongLength(value: bigint): number {
  let bytes = 1
  for (let left = zigzag64(value) >> 7n; left !== 0n; left >>= 7n) bytes += 1
  return bytes
}

function isInt32(value: number): boolean {
  return (value | 0) === value
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

function zigzag64(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
}

/** Writes one value after the other into a buffer that has room for all of them. */
export class ByteWriter {
  readonly bytes: Buffer
  offset = 0

  constructor(size: number) {
    // Not from Node's pool: a request lives until it is answered, and would keep the whole pool alive.
    this.bytes = Buffer.allocUnsafeSlow(size)
  }

  int8(value: number): void {
    this.offset = this.bytes.writeInt8(value, this.offset)
  }

  int16(value: number): void {
    this.offset = this.bytes.writeInt16BE(value, this.offset)
  }

  int32(value: number): void {
    this.offset = this.bytes.writeInt32BE(value, this.offset)
  }

  int64(value: bigint): void {
    this.offset = this.bytes.writeBigInt64BE(value, this.offset)
  }

  varint(value: number): void {
    if (!isInt32(value)) {
      this.#varlong(BigInt(value))
      return
    }
    let left = zigzag(value)
    for (; left > 0x7f; left >>>= 7) this.bytes[this.offset++] = (left & 0x7f) | 0x80
    this.bytes[this.offset++] = left
  }

  #varlong(value: bigint): void {
    let left = zigzag64(value)
    for (; left > 0x7fn; left >>= 7n) this.bytes[this.offset++] = Number(left & 0x7fn) | 0x80
    this.bytes[this.offset++] = Number(left)
  }

  raw(value: Uint8Array): void {
    this.bytes.set(value, this.offset)
    this.offset += value.length
  }

  text(value: string): void {
    if (!isShortAscii(value)) {
      this.offset += this.bytes.write(value, this.offset)
      return
    }
    const { bytes, offset } = this
    for (let i = 0; i < value.length; i++) bytes[offset + i] = value.charCodeAt(i)
    this.offset = offset + value.length
  }
}
