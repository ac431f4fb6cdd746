import { expect } from 'chai'
import fc from 'fast-check'
import type { OutboxRow } from './outbox-row.ts'
import { RowQueue } from './row-queue.ts'

describe('RowQueue', () => {
  it('gives nothing when it is empty', () => {
    expect(new RowQueue({ rowsMax: 2, bytesMax: 100 }).take()).to.equal(undefined)
  })

  it('ends a batch only where the last row of a transaction is in it', () => {
    const queue = new RowQueue({ rowsMax: 2, bytesMax: 100 })
    for (const id of ['1', '2', '3']) queue.putRow(row(id))
    queue.putCommit(30n)
    queue.putRow(row('4'))
    queue.putCommit(40n)
    expect(idsAndEnd(queue)).to.deep.equal([['1', '2'], undefined])
    expect(idsAndEnd(queue)).to.deep.equal([['3', '4'], 40n])
    expect(queue.isEmpty).to.equal(true)
  })

  it('waits for the commit of rows that are fewer than a batch', () => {
    const queue = new RowQueue({ rowsMax: 2, bytesMax: 100 })
    queue.putRow(row('1'))
    expect(queue.take()).to.equal(undefined)
    queue.putCommit(10n)
    expect(idsAndEnd(queue)).to.deep.equal([['1'], 10n])
  })

  it('leaves a transaction that does not fit whole to the next batch', () => {
    const queue = new RowQueue({ rowsMax: 3, bytesMax: 100 })
    queue.putRow(row('1'))
    queue.putCommit(10n)
    for (const id of ['2', '3', '4']) queue.putRow(row(id))
    queue.putCommit(40n)
    expect(idsAndEnd(queue)).to.deep.equal([['1'], 10n])
    expect(idsAndEnd(queue)).to.deep.equal([['2', '3', '4'], 40n])
  })

  it('lets a row that is larger than a batch go alone', () => {
    const queue = new RowQueue({ rowsMax: 10, bytesMax: 100 })
    queue.putRow(row('1', 10))
    queue.putRow(row('2', 1_000))
    queue.putRow(row('3', 10))
    queue.putCommit(3n)
    expect([idsAndEnd(queue)[0], idsAndEnd(queue)[0], idsAndEnd(queue)[0]]).to.deep.equal([
      ['1'],
      ['2'],
      ['3'],
    ])
  })

  it('has a full batch from its limit on, by rows or by bytes', () => {
    const byRows = new RowQueue({ rowsMax: 2, bytesMax: 1_000 })
    byRows.putRow(row('1'))
    byRows.putCommit(10n)
    expect(byRows.hasFullBatch).to.equal(false)
    byRows.putRow(row('2'))
    expect(byRows.hasFullBatch).to.equal(true)
    const byBytes = new RowQueue({ rowsMax: 100, bytesMax: 10 })
    byBytes.putRow(row('1', 10))
    expect(byBytes.hasFullBatch).to.equal(true)
  })

  it('is full from two batches on, by rows or by bytes', () => {
    const byRows = new RowQueue({ rowsMax: 2, bytesMax: 1_000 })
    for (const id of ['1', '2', '3']) byRows.putRow(row(id))
    expect(byRows.isFull).to.equal(false)
    byRows.putRow(row('4'))
    expect(byRows.isFull).to.equal(true)
    const byBytes = new RowQueue({ rowsMax: 100, bytesMax: 10 })
    byBytes.putRow(row('1', 20))
    expect(byBytes.isFull).to.equal(true)
    byBytes.take()
    expect(byBytes.isFull).to.equal(false)
  })

  it('keeps order and never confirms a transaction before its last row, whatever comes when', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 30 })
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.boolean()),
        (transactions, rowsMax, takes) => {
          const queue = new RowQueue({ rowsMax, bytesMax: 1_000 })
          const taken: string[] = []
          let id = 0
          const ends: bigint[] = []
          const takeOnce = (): void => {
            const batch = queue.take()
            if (batch === undefined) return
            expect(batch.rows.length).to.be.at.most(rowsMax)
            taken.push(...batch.rows.map((one) => one.id))
            // A transaction ends at the id of its last row.
            if (batch.end !== undefined) ends.push(batch.end)
            if (batch.end !== undefined) expect(Number(batch.end)).to.be.at.most(taken.length)
          }
          transactions.forEach((size, n) => {
            for (let k = 0; k < size; k++) queue.putRow(row(String(++id)))
            queue.putCommit(BigInt(id))
            if (takes[n]) takeOnce()
          })
          while (!queue.isEmpty) takeOnce()
          expect(taken).to.deep.equal(Array.from({ length: id }, (_, n) => String(n + 1)))
          expect(ends.at(-1)).to.equal(id === 0 ? undefined : BigInt(id))
        },
      ),
    )
  })
})

function row(id: string, bytes = 1): OutboxRow {
  return { id, bytes, topic: 't', key: null, value: null, headers: {} }
}

function idsAndEnd(queue: RowQueue): [string[], bigint | undefined] {
  const batch = queue.take()
  return [batch?.rows.map((one) => one.id) ?? [], batch?.end]
}
