import { expect } from 'chai'
import { address, points, seat, seats, time, user, uuid } from './arguments.ts'

describe('arguments', () => {
  it('accept points with or without separators, from 1 to 10^9', () => {
    expect(points('20000')).to.equal(20_000n)
    expect(points('20_000')).to.equal(20_000n)
    expect(points('1,000,000,000')).to.equal(1_000_000_000n)
    for (const wrong of ['0', '-5', '1.5', '1e3', '2,00', '1000000000001', '99999999999999999999', '']) {
      expect(() => points(wrong), wrong).to.throw('whole number of points')
    }
  })

  it('accept a seat in small letters too', () => {
    expect(seat('a-1-10')).to.equal('A-1-10')
    for (const wrong of ['A1', 'A-1', 'A-1-1-1', 'A-1-x', ''])
      expect(() => seat(wrong), wrong).to.throw('A-3-12')
  })

  it('refuse a seat that is given twice, and more than 50 seats', () => {
    expect(() => seats('a-1-1', ['A-1-1'])).to.throw('twice')
    const many = Array.from({ length: 50 }, (_, index) => `A-1-${index}`)
    expect(() => seats('B-1-1', many)).to.throw('At most 50')
  })

  it('accept a UUID in any case and nothing else', () => {
    expect(uuid('6FA459EA-EE8A-4CA4-894E-DB77E160355E')).to.equal('6fa459ea-ee8a-4ca4-894e-db77e160355e')
    expect(() => uuid('6fa459ea')).to.throw('not a UUID')
  })

  it('accept a time, which is local without a zone', () => {
    expect(time('2026-11-23T14:00:00Z').toISOString()).to.equal('2026-11-23T14:00:00.000Z')
    expect(time('2026-11-23 14:00')).to.deep.equal(new Date(2026, 10, 23, 14))
    for (const wrong of ['noon', '14:00', '2026-13-01', '2026'])
      expect(() => time(wrong), wrong).to.throw('a time')
  })

  for (const zone of ['America/New_York', 'Asia/Seoul']) {
    it(`read a date alone as its local midnight, here in ${zone}`, () => {
      const { TZ } = process.env
      process.env.TZ = zone
      try {
        expect(time('2026-11-23')).to.deep.equal(time('2026-11-23 00:00'))
        expect(time('2026-11-23')).to.deep.equal(new Date(2026, 10, 23))
        expect(time('2026-11-23').getTimezoneOffset()).not.to.equal(0)
      } finally {
        if (TZ === undefined) delete process.env.TZ
        else process.env.TZ = TZ
      }
    })
  }

  it('accept addresses with a port, and users whose tokens the services accept', () => {
    expect(address('dns:///payment:7001')).to.equal('dns:///payment:7001')
    expect(() => address('localhost')).to.throw('host:port')
    expect(user('Ada L.')).to.equal('Ada L.')
    for (const wrong of ['Ünal 김', 'a\u0000b', 'x'.repeat(129), ''])
      expect(() => user(wrong), wrong).to.throw('1 to 128')
  })
})
