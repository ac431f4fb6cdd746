import { uncompressSync } from 'lz4-napi'
import { tooLarge, tooManyBlocks, UnreadableError } from './unreadable-error.ts'

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
const magic = 0x184d2204
const flags = {
  independent: 0x20,
  blockChecksum: 0x10,
  contentSize: 0x08,
  contentChecksum: 0x04,
  dictionary: 0x01,
}
const uncompressedBlock = 0x80000000
/** The most bytes by which one byte of a block can lengthen a run. */
const ratioMax = 255
/**
 * The most blocks: at 64 kB, the smallest size, eight times what a batch may expand to. Producers fill their blocks.
 */
const blocksMax = 1_024

/**
 * Expands one LZ4 frame, block by block: the library also expands frames, but without a bound. As Kafka's own clients,
 * it accepts only blocks that do not refer to each other. Checksums are the broker's task.
 */
export function expandLz4(bytes: Buffer, bytesMax: number): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== magic) throw new UnreadableError('is no LZ4 frame')
  const flag = bytes.readUInt8(4)
  if ((flag & flags.independent) === 0 || (flag & flags.dictionary) !== 0)
    throw new UnreadableError('is an LZ4 frame whose blocks refer to others')
  const blockBytesMax = blockSizeOf(bytes.readUInt8(5))
  const trailer = (flag & flags.blockChecksum) === 0 ? 0 : 4
  const blocks: Buffer[] = []
  let left = bytesMax
  // The header's checksum is one byte.
  let at = 6 + ((flag & flags.contentSize) === 0 ? 0 : 8) + 1
  for (;;) {
    const size = bytes.readUInt32LE(at)
    at += 4
    if (size === 0) return Buffer.concat(blocks)
    const length = size % uncompressedBlock
    if (length > bytes.length - at)
      throw new UnreadableError('is no LZ4 frame: a block is longer than the batch')
    const content = bytes.subarray(at, at + length)
    const block = size >= uncompressedBlock ? content : expandBlock(content, blockBytesMax, left, bytesMax)
    left -= block.length
    if (left < 0) throw tooLarge(bytesMax)
    if (blocks.push(block) > blocksMax) throw tooManyBlocks(blocksMax)
    at += length + trailer
  }
}

/** 64 kB, 256 kB, 1 MB or 4 MB. */
function blockSizeOf(descriptor: number): number {
  const code = (descriptor >> 4) & 0x07
  if (code < 4) throw new UnreadableError('is no LZ4 frame: it does not say how large a block is')
  return 2 ** (8 + 2 * code)
}

/**
 * The library reads the largest size of a block from four bytes in front of it, and allocates that. It is given the
 * least of what the frame allows, what is left, and what such a block can hold.
 */
function expandBlock(content: Buffer, blockBytesMax: number, left: number, bytesMax: number): Buffer {
  const possible = Math.min(blockBytesMax, ratioMax * content.length + 32)
  const allowed = Math.min(possible, left)
  const sized = Buffer.allocUnsafe(4 + content.length)
  sized.writeUInt32LE(allowed, 0)
  content.copy(sized, 4)
  try {
    const block = uncompressSync(sized)
    // The result of the library keeps everything that it has allocated, so it is copied.
    return block.length < allowed ? Buffer.from(block) : block
  } catch (error) {
    if (allowed < possible) throw tooLarge(bytesMax)
    throw error
  }
}
