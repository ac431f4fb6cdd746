import { expect } from 'chai'
import { routeOf } from './route.ts'

describe('the route', () => {
  it('consists of the screen and the id that it shows', () => {
    expect(['', '#', '#/'].map(routeOf)).to.deep.equal([[], [], []])
    expect(routeOf('#/payments/a%20b?x=1')).to.deep.equal(['payments', 'a b'])
  })

  it('names no screen if the address cannot be decoded', () => {
    expect(routeOf('#/payments/%')).to.deep.equal(['#/payments/%'])
  })
})
