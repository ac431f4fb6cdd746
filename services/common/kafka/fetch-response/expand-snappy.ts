import { uncompressSync } from 'snappy'
import { tooLarge, tooManyBlocks, UnreadableError } from './unreadable-error.ts'

/** The beginning of a stream of blocks by Java's xerial; other producers send one block without a frame. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
/** The size of the magic and two versions of four bytes. */
const xerialHeaderBytes = 16
/** The most blocks: at 1 kB, xerial's smallest size, these are what a batch may expand to. */
const blocksMax = 8_192

/**
 * Expands raw snappy, or xerial's stream of raw blocks, each behind its length in four bytes. A block begins with its
 * expanded size, and nothing is allocated for one whose size is too large.
 */
export function expandSnappy(bytes: Buffer, bytesMax: number): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic))
    return expandBlock(bytes, bytesMax, bytesMax)
  const blocks: Buffer[] = []
  let left = bytesMax
  for (let at = xerialHeaderBytes; at < bytes.length; ) {
    const length = bytes.readInt32BE(at)
    at += 4
    if (length < 0 || length > bytes.length - at)
      throw new UnreadableError('is no snappy: a block is longer than the batch')
    const block = expandBlock(bytes.subarray(at, at + length), left, bytesMax)
    if (blocks.push(block) > blocksMax) throw tooManyBlocks(blocksMax)
    left -= block.length
    at += length
  }
  return Buffer.concat(blocks)
}

function expandBlock(block: Buffer, left: number, bytesMax: number): Buffer {
  if (expandedLength(block) > left) throw tooLarge(bytesMax)
  return uncompressSync(block, { asBuffer: true }) as Buffer
}

/** Reads the number in front of a block: seven bits per byte, the lowest first. */
function expandedLength(block: Buffer): number {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = block[at]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return length
  }
  throw new UnreadableError('is no snappy: a block does not say how long it is')
}
