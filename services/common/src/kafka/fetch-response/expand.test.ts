import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { expand } from './expand.ts'

const bytesMax = 1_000_000
const text = Buffer.from('seat A-1-1 '.repeat(20_000))

const compressed: Readonly<Record<string, { codec: number; compress(bytes: Buffer): Buffer }>> = {
  gzip: { codec: 1, compress: (bytes) => gzipSync(bytes) },
  'raw snappy': { codec: 2, compress: (bytes) => compressSync(bytes) },
  "xerial's snappy": { codec: 2, compress: xerial },
  lz4: { codec: 3, compress: (bytes) => compressFrameSync(bytes) },
  zstd: { codec: 4, compress: (bytes) => zstdCompressSync(bytes) },
}

describe('what a batch is compressed to', () => {
  for (const [name, { codec, compress }] of Object.entries(compressed)) {
    it(`is expanded from ${name}`, async () => {
      expect((await expand(codec, compress(text), bytesMax)).equals(text)).to.equal(true)
      expect((await expand(codec, compress(Buffer.alloc(bytesMax)), bytesMax)).length).to.equal(bytesMax)
    })

    it(`is not expanded from ${name} beyond its bound`, async () => {
      const bomb = compress(Buffer.alloc(30 * bytesMax))
      expect(await refusal(codec, bomb)).to.equal(`expands to more than ${bytesMax} bytes`)
    })

    it(`is refused where it is no ${name}, or not all of it`, async () => {
      expect(await refusal(codec, Buffer.from('no such thing, whatever it says'))).to.match(/^is (no|an) /)
      const whole = compress(text)
      expect(await refusal(codec, whole.subarray(0, whole.length - 20))).to.match(/^is no /)
      expect(await refusal(codec, Buffer.alloc(0))).to.match(/^is no /)
    })
  }

  it('is refused where its codec is none of Kafka', async () => {
    expect(await refusal(5, text)).to.match(/a codec that Kafka has not/)
  })
})

async function refusal(codec: number, bytes: Buffer): Promise<string> {
  return await expand(codec, bytes, bytesMax).then(
    ({ length }) => `${length} bytes`,
    (error: Error) => error.message,
  )
}

/** As Java's SnappyOutputStream writes it. */
function xerial(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from('82534e41505059000000000100000001', 'hex')]
  for (let at = 0; at < bytes.length; at += 32_768) {
    const block = compressSync(bytes.subarray(at, at + 32_768))
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}
