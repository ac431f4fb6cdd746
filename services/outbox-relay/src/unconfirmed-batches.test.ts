import { expect } from 'chai'
import type { OutboxRow } from './outbox-row.ts'
import { UnconfirmedBatches } from './unconfirmed-batches.ts'

describe('UnconfirmedBatches', () => {
  it('keeps the position before the first row that waits, whatever is done after it', () => {
    const batches = new UnconfirmedBatches()
    const waiting = new Set<OutboxRow>()
    const waits = (row: OutboxRow): boolean => waiting.has(row)
    const [a, b, c] = [row('1'), row('2'), row('3')]
    expect(batches.add({ rows: [a], end: 10n }, waits)).to.deep.equal({ end: 10n, isAll: true })
    waiting.add(b)
    expect(batches.add({ rows: [b], end: 20n }, waits)).to.deep.equal({ end: undefined, isAll: false })
    expect(batches.add({ rows: [a], end: 30n }, waits)).to.deep.equal({ end: undefined, isAll: false })
    waiting.add(c)
    expect(batches.add({ rows: [a, c], end: 40n }, waits)).to.deep.equal({ end: undefined, isAll: false })
    // There is always something that waits, and the position moves all the same.
    waiting.delete(b)
    expect(batches.add({ rows: [], end: undefined }, waits)).to.deep.equal({ end: 30n, isAll: false })
    waiting.delete(c)
    expect(batches.add({ rows: [], end: undefined }, waits)).to.deep.equal({ end: 40n, isAll: true })
  })

  it('does not end a transaction before the batch that does', () => {
    const batches = new UnconfirmedBatches()
    const waiting = new Set([row('1')])
    const waits = (row: OutboxRow): boolean => waiting.has(row)
    expect(batches.add({ rows: [...waiting], end: undefined }, waits).end).to.equal(undefined)
    expect(batches.add({ rows: [row('2')], end: undefined }, waits).end).to.equal(undefined)
    waiting.clear()
    expect(batches.add({ rows: [row('3')], end: 7n }, waits)).to.deep.equal({ end: 7n, isAll: true })
  })
})

function row(id: string): OutboxRow {
  return { id, bytes: 1, topic: 't', key: null, value: null, headers: {} }
}
