import { expect } from 'chai'
import { formatLsn, parseLsn } from './lsn.ts'

describe('log positions', () => {
  it('are read with and without leading zeros', () => {
    expect(parseLsn('16/B374D848')).to.equal(0x16_b374d848n)
    expect(parseLsn('00000016/B374D848')).to.equal(0x16_b374d848n)
    expect(parseLsn('0/F')).to.equal(15n)
  })

  it('keep all 64 bits', () => {
    expect(formatLsn(parseLsn('FFFFFFFF/FFFFFFFF'))).to.equal('FFFFFFFF/FFFFFFFF')
    expect(formatLsn(parseLsn('1/00000001'))).to.equal('1/1')
  })

  it('refuse what is none', () => {
    for (const text of ['', '0', '0/', '/0', '0/123456789', 'x/1']) expect(() => parseLsn(text)).to.throw()
  })
})
