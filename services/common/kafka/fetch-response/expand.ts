import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import { expandLz4 } from './expand-lz4.ts'
import { expandSnappy } from './expand-snappy.ts'
import { tooLarge, UnreadableError } from './unreadable-error.ts'

/**
 * Expands the bytes of a batch's records, which its producer or its topic's `compression.type` has compressed.
 *
 * @param codec - the lowest three bits of the batch's attributes
 * @throws UnreadableError if they are not of this codec, or expand to more than `bytesMax`; no more than that is ever
 *   held
 */
export async function expand(codec: number, bytes: Buffer, bytesMax: number): Promise<Buffer> {
  const known = codecs[codec]
  if (known === undefined) throw new UnreadableError(`is compressed by a codec that Kafka has not, ${codec}`)
  try {
    return await known.expand(bytes, bytesMax)
  } catch (error) {
    if (error instanceof UnreadableError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax)
    throw new UnreadableError(`is no ${known.name}: ${(error as Error).message}`, { cause: error })
  }
}

interface Codec {
  readonly name: string
  expand(bytes: Buffer, bytesMax: number): Buffer | Promise<Buffer>
}

const codecs: readonly Codec[] = [
  { name: 'list of records', expand: (bytes) => bytes },
  { name: 'gzip', expand: (bytes, maxOutputLength) => promisify(gunzip)(bytes, { maxOutputLength }) },
  { name: 'snappy', expand: expandSnappy },
  { name: 'LZ4 frame', expand: expandLz4 },
  { name: 'zstd', expand: (bytes, maxOutputLength) => promisify(zstdDecompress)(bytes, { maxOutputLength }) },
]
