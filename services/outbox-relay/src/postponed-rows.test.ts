import { expect } from 'chai'
import type { OutboxRow } from './outbox-row.ts'
import { PostponedRows } from './postponed-rows.ts'

const reason = 'UNKNOWN_TOPIC_OR_PARTITION'

describe('PostponedRows', () => {
  it('keeps later rows of a refused topic behind those that wait, and lets all others go', () => {
    const postponed = new PostponedRows(8_000)
    const [first, second, other] = [row('gone'), row('gone'), row('there')]
    expect(refuse(postponed, [first], 0)).to.deep.equal([])
    expect(postponed.keep([second, other])).to.deep.equal([other])
    expect(postponed.due(499)).to.deep.equal([])
    expect(postponed.due(500)).to.deep.equal([[first, second]])
    expect(postponed).to.include({ count: 2, bytes: 20 })
    expect([first, second, other].map((one) => postponed.has(one))).to.deep.equal([true, true, false])
  })

  it('lets the rows of a topic go as soon as it takes some', () => {
    const postponed = new PostponedRows(8_000)
    refuse(postponed, [row('gone')], 0)
    const [due = []] = postponed.due(600)
    expect(postponed.settle(due, [], 610)).to.deep.equal([])
    expect(postponed.count).to.equal(0)
    const later = [row('gone')]
    expect(postponed.keep(later)).to.equal(later)
    // The time of before does not count.
    expect(refuse(postponed, later, 9_000)).to.deep.equal([])
  })

  it('parks the rows of a topic that is refused for longer than the patience, and of no other', () => {
    const postponed = new PostponedRows(8_000)
    const [old, young, late] = [row('a'), row('b'), row('a')]
    refuse(postponed, [old], 0)
    refuse(postponed, [young], 5_000)
    postponed.keep([late])
    expect(refuse(postponed, [old, late], 7_999)).to.deep.equal([])
    expect(refuse(postponed, [young], 8_000)).to.deep.equal([])
    expect(refuse(postponed, [old, late], 8_000)).to.deep.equal([
      { row: old, error: reason },
      { row: late, error: reason },
    ])
    expect(postponed.count).to.equal(1)
    // With the next row the clock begins anew.
    expect(refuse(postponed, [row('a')], 8_001)).to.deep.equal([])
  })
})

function refuse(postponed: PostponedRows, rows: OutboxRow[], nowMs: number) {
  return postponed.settle(
    rows,
    rows.map((record) => ({ record, reason })),
    nowMs,
  )
}

function row(topic: string): OutboxRow {
  return { id: '1', bytes: 10, topic, key: null, value: null, headers: {} }
}
