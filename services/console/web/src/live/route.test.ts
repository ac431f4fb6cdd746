import { expect } from 'chai'
import { routeOf } from './route.ts'

describe('the route', () => {
  it('is the screen and what it shows of', () => {
    expect(['', '#', '#/'].map(routeOf)).to.deep.equal([[], [], []])
    expect(routeOf('#/payments/a%20b?x=1')).to.deep.equal(['payments', 'a b'])
  })

  it('is no screen where the address cannot be read', () => {
    expect(routeOf('#/payments/%')).to.deep.equal(['#/payments/%'])
  })
})
