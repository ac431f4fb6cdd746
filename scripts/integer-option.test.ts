import { expect } from 'chai'
import { integer } from './integer-option.ts'

describe('an option that takes a whole number', () => {
  it('accepts one within its bounds, written in digits', () => {
    expect(integer(0, 5)('5')).to.equal(5)
    for (const wrong of ['6', '-1', '1.5', '0x1', '1e0', ' 1', 'x', ''])
      expect(() => integer(0, 5)(wrong), wrong).to.throw('from 0 to 5')
  })
})
