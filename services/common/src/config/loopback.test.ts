import { expect } from 'chai'
import { isLoopback } from './loopback.ts'

describe('a host', () => {
  it('is local as a loopback address, or by the name of one', () => {
    for (const host of [
      'localhost',
      'LOCALHOST',
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '[::1]',
      '::ffff:127.0.0.1',
    ])
      expect(isLoopback(host), host).to.equal(true)
  })

  it('is not local by anything that only looks like it', () => {
    for (const host of [
      '0.0.0.0',
      '::',
      '[::]',
      '10.0.0.1',
      '::ffff:10.0.0.1',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '127.1',
      '2130706433',
      '',
    ])
      expect(isLoopback(host), host).to.equal(false)
  })
})
