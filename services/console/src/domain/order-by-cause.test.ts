import { expect } from 'chai'
import { orderByCause } from './order-by-cause.ts'

const item = (messageId: string, madeTime: string, causeId: string | null = null) => ({
  messageId,
  madeTime,
  causeId,
})
const idsOf = (items: readonly { messageId: string }[]) => items.map(({ messageId }) => messageId).join('')

describe('the order of a timeline', () => {
  it('follows the time of the messages', () => {
    expect(idsOf(orderByCause([item('b', '2'), item('a', '1')]))).to.equal('ab')
  })

  it('puts nothing before its cause, whatever the clocks say', () => {
    expect(idsOf(orderByCause([item('b', '1', 'a'), item('a', '2')]))).to.equal('ab')
  })

  it('does not wait for a cause that is missing, or for one in a circle', () => {
    expect(idsOf(orderByCause([item('a', '1', 'gone')]))).to.equal('a')
    expect(idsOf(orderByCause([item('a', '1', 'b'), item('b', '2', 'a')]))).to.have.lengthOf(2)
  })
})
