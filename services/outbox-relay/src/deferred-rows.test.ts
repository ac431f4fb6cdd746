import { expect } from 'chai'
import { DeferredRows } from './deferred-rows.ts'
import type { OutboxRow } from './outbox-row.ts'

const reason = 'UNKNOWN_TOPIC_OR_PARTITION'

describe('DeferredRows', () => {
  it('keeps later rows of a refused topic behind those that wait, and lets all others go', () => {
    const deferred = new DeferredRows(8_000)
    const [first, second, other] = [row('gone'), row('gone'), row('there')]
    expect(refuse(deferred, [first], 0)).to.deep.equal([])
    expect(deferred.keep([second, other])).to.deep.equal([other])
    expect(deferred.due(499)).to.deep.equal([])
    expect(deferred.due(500)).to.deep.equal([[first, second]])
    expect(deferred).to.include({ count: 2, bytes: 20 })
    expect([first, second, other].map((one) => deferred.has(one))).to.deep.equal([true, true, false])
  })

  it('lets the rows of a topic go as soon as it takes some', () => {
    const deferred = new DeferredRows(8_000)
    refuse(deferred, [row('gone')], 0)
    const [due = []] = deferred.due(600)
    expect(deferred.settle(due, [], 610)).to.deep.equal([])
    expect(deferred.count).to.equal(0)
    const later = [row('gone')]
    expect(deferred.keep(later)).to.equal(later)
    // The time of before does not count.
    expect(refuse(deferred, later, 9_000)).to.deep.equal([])
  })

  it('parks the rows of a topic that is refused for longer than the patience, and of no other', () => {
    const deferred = new DeferredRows(8_000)
    const [old, young, late] = [row('a'), row('b'), row('a')]
    refuse(deferred, [old], 0)
    refuse(deferred, [young], 5_000)
    deferred.keep([late])
    expect(refuse(deferred, [old, late], 7_999)).to.deep.equal([])
    expect(refuse(deferred, [young], 8_000)).to.deep.equal([])
    expect(refuse(deferred, [old, late], 8_000)).to.deep.equal([
      { row: old, error: reason },
      { row: late, error: reason },
    ])
    expect(deferred.count).to.equal(1)
    // With the next row the clock begins again.
    expect(refuse(deferred, [row('a')], 8_001)).to.deep.equal([])
  })
})

function refuse(deferred: DeferredRows, rows: OutboxRow[], nowMs: number) {
  return deferred.settle(
    rows,
    rows.map((record) => ({ record, reason })),
    nowMs,
  )
}

function row(topic: string): OutboxRow {
  return { id: '1', bytes: 10, topic, key: null, value: null, headers: {} }
}
