import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import { compressFrameSync, compressSync as compressLz4Sync } from 'lz4-napi'
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

  it('is expanded from an LZ4 frame of many small blocks, though each says that it may be large', async () => {
    const frame = lz4Frame(Array.from({ length: 1_000 }, () => literal))
    expect((await expand(3, frame, bytesMax)).toString()).to.equal('a'.repeat(1_000))
  })

  it('is not expanded from an LZ4 block beyond what the ones before it have left', async () => {
    const half = compressBlock(Buffer.alloc(bytesMax / 2))
    expect((await expand(3, lz4Frame([half, half]), bytesMax)).length).to.equal(bytesMax)
    const tooMuch = 'expands to more than 1000000 bytes'
    expect(await refusal(3, lz4Frame([half, half, literal]))).to.equal(tooMuch)
    expect(await refusal(3, lz4Frame([half, half, half]))).to.equal(tooMuch)
  })

  for (const [name, codec, bytes] of [
    ['LZ4', 3, () => lz4Frame(Array.from({ length: 170_000 }, () => literal))],
    ["xerial's snappy", 2, () => xerialStream(Array.from({ length: 170_000 }, () => compressSync('a')))],
  ] as const) {
    it(`is refused where it is far more blocks of ${name} than a producer makes of it`, async () => {
      expect(await refusal(codec, bytes())).to.match(/is more than \d+ blocks/)
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
  const blocks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 32_768) blocks.push(compressSync(bytes.subarray(at, at + 32_768)))
  return xerialStream(blocks)
}

function xerialStream(blocks: readonly Buffer[]): Buffer {
  const parts = blocks.flatMap((block) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    return [length, block]
  })
  return Buffer.concat([Buffer.from('82534e41505059000000000100000001', 'hex'), ...parts])
}

/** The letter a, as a block. */
const literal = Buffer.from([0x10, 0x61])

/** The library's block without the length in front of it. */
function compressBlock(bytes: Buffer): Buffer {
  return compressLz4Sync(bytes).subarray(4)
}

/** With blocks of up to 4 MiB, and no checksum but the header's, which is not looked at. */
function lz4Frame(blocks: readonly Buffer[]): Buffer {
  const parts = blocks.flatMap((block) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(block.length)
    return [length, block]
  })
  return Buffer.concat([Buffer.from('04224d18607000', 'hex'), ...parts, Buffer.alloc(4)])
}
