import { batchOf, partitionOf } from '@boxoffice/common/testing/fake-batches.ts'
import { expect } from 'chai'
import { takePool, type WaitingBatch } from './pool.ts'

const limits = { poolMessagesMax: 10, poolBytesMax: 1_000 }

function waiting(
  partition: number,
  count: number,
  options: { bytes?: number; isolated?: boolean; batchLimit?: number } = {},
) {
  const { bytes = 1, isolated = false, batchLimit = 10 } = options
  const at = partitionOf(partition)
  return {
    partition: { ...at, progress: { ...at.progress, isolated, batchLimit } },
    batch: batchOf(partition, 0, count, bytes),
    done: 0,
  } satisfies WaitingBatch
}

function taken(...all: WaitingBatch[]): [number, number][] {
  return takePool(all, limits).map(({ waiting, records }) => [waiting.partition.partition, records.length])
}

describe('the pool that shares a transaction', () => {
  it('takes what all partitions have', () => {
    expect(taken(waiting(0, 2), waiting(1, 3))).to.deep.equal([
      [0, 2],
      [1, 3],
    ])
  })

  it('takes no more messages than its limit, and says where it stopped', () => {
    const [slice] = takePool([waiting(0, 25)], limits)
    expect(slice).to.include({ from: 0n, to: 10n })
    expect(taken(waiting(0, 6), waiting(1, 6), waiting(2, 6))).to.deep.equal([
      [0, 6],
      [1, 4],
    ])
  })

  it('takes no more bytes than its limit, but always one message', () => {
    expect(taken(waiting(0, 3, { bytes: 400 }), waiting(1, 1, { bytes: 400 }))).to.deep.equal([[0, 2]])
    expect(taken(waiting(0, 2, { bytes: 5_000 }))).to.deep.equal([[0, 1]])
  })

  it('lets a partition that is isolated go by itself, when it is its turn', () => {
    expect(taken(waiting(0, 2, { isolated: true, batchLimit: 1 }), waiting(1, 3))).to.deep.equal([[0, 1]])
    expect(taken(waiting(1, 3), waiting(0, 2, { isolated: true }), waiting(2, 1))).to.deep.equal([
      [1, 3],
      [2, 1],
    ])
  })

  it('takes one batch of a partition: a position moves once in a transaction', () => {
    expect(taken(waiting(0, 2), waiting(0, 3), waiting(1, 1))).to.deep.equal([
      [0, 2],
      [1, 1],
    ])
  })

  it('takes a batch without a record for consumers, which only moves on, also where its transaction is full', () => {
    const empty = waiting(1, 0)
    const slices = takePool([waiting(0, 10), { ...empty, batch: { ...empty.batch, end: 5n } }], limits)
    expect(slices.map(({ records, from, to }) => [records.length, from, to])).to.deep.equal([
      [10, 0n, 10n],
      [0, 0n, 5n],
    ])
  })

  it('ends a batch at its end, beyond the last record that can be seen', () => {
    const one = waiting(0, 2)
    const [slice] = takePool([{ ...one, batch: { ...one.batch, end: 5n } }], limits)
    expect(slice).to.include({ from: 0n, to: 5n })
  })
})
