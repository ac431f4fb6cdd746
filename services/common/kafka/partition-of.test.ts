import { expect } from 'chai'
import { partitionOf } from './partition-of.ts'

/** From UtilsTest.testMurmur2 of Apache Kafka's own clients: key and hash. */
const javaVectors: ReadonlyArray<readonly [string, number]> = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

describe('partitionOf', () => {
  for (const [key, hash] of javaVectors) {
    it(`places "${key}" where Java does`, () => {
      for (const partitions of [1, 12, 7919]) {
        expect(partitionOf('t', Buffer.from(key), partitions)).to.equal((hash & 0x7fffffff) % partitions)
      }
    })
  }

  it('places a record without key in partition 0', () => {
    expect(partitionOf('t', null, 12)).to.equal(0)
  })

  it('hashes bytes, not text', () => {
    const broken = Buffer.from([0xff, 0xfe, 0x00, 0x80])
    expect(partitionOf('t', broken, 12)).to.equal(partitionOf('t', Buffer.from(broken), 12))
    expect(partitionOf('t', broken, 7919)).not.to.equal(
      partitionOf('t', Buffer.from(broken.toString()), 7919),
    )
  })
})
