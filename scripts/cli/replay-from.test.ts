import { expect } from 'chai'
import { replayFrom } from './replay-from.ts'

describe('replayFrom', () => {
  it('accepts the beginning, a time, an offset, or an offset per partition', () => {
    expect(replayFrom('earliest')).to.deep.equal({ case: 'earliest' })
    expect(replayFrom('0')).to.deep.equal({ case: 'offset', offset: 0n })
    expect(replayFrom('3:1200,11:0')).to.deep.equal({
      case: 'offsets',
      offsets: new Map([
        [3, 1200n],
        [11, 0n],
      ]),
    })
    expect(replayFrom('2026-11-23T14:00:00Z')).to.deep.equal({
      case: 'time',
      time: new Date(Date.UTC(2026, 10, 23, 14)),
    })
    expect(replayFrom('2026-11-23 14:00')).to.deep.equal({ case: 'time', time: new Date(2026, 10, 23, 14) })
  })

  it('refuses anything else', () => {
    for (const text of ['', 'latest', '-1', '1:', '1:2,1:3', '2026-13-01', '2026-11-23Tea', '99:99:99']) {
      expect(() => replayFrom(text), text).to.throw()
    }
  })
})
