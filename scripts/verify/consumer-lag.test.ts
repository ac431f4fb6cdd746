import { expect } from 'chai'
import { type EndOffsets, lagsBehind } from './consumer-lag.ts'

describe('the lag of a consumer', () => {
  const range = { begin: 2n, end: 5n, topicId: 'this' }
  const ends: EndOffsets = {
    payment: new Map(),
    point: new Map([['point-commands/0', range]]),
    reservation: new Map(),
  }
  const at = (nextOffset: bigint, topicId: string | undefined = 'this') =>
    lagsBehind('point', new Map([['point-commands/0', { nextOffset, topicId }]]), ends)
  const where = 'consumer point in point-commands/0'

  it('is the number of records after its position, and nothing at the end', () => {
    expect(at(5n)).to.deep.equal([])
    expect(at(3n)).to.deep.equal([`${where} has 2 records to read`])
    expect(at(7n)).to.deep.equal([`${where} is at 7, past the end 5`])
    expect(lagsBehind('point', new Map(), ends)).to.deep.equal([`${where} has 3 records to read`])
  })

  it('is not computed from an offset of a former topic of that name', () => {
    expect(at(5n, 'former')).to.deep.equal([
      `${where} reads nothing: the topic was created again, and not accepted`,
    ])
  })

  it('is computed from the offset if the brokers report no ids', () => {
    expect(
      lagsBehind('point', new Map([['point-commands/0', { nextOffset: 5n, topicId: undefined }]]), ends),
    ).to.deep.equal([])
  })
})
