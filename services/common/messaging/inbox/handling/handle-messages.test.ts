import { expect } from 'chai'
import { blameHandler, HandlerError } from './handle-messages.ts'

describe('a commit that PostgreSQL refused', () => {
  const thrownAt = (error: unknown): unknown => {
    try {
      return blameHandler(error)
    } catch (thrown) {
      return thrown
    }
  }

  it('is the failure of a handler that went on after a statement had failed: its message is put aside in the end', () => {
    const refused = Object.assign(new Error('rolled back instead of committed'), { code: 'COMMIT_REFUSED' })
    const blamed = thrownAt(refused)
    expect(blamed).to.be.instanceOf(HandlerError)
    expect((blamed as Error).cause).to.equal(refused)
  })

  it('is no other failure of a transaction: those are tried again', () => {
    const away = Object.assign(new Error('terminating connection'), { code: '57P01' })
    expect(thrownAt(away)).to.equal(away)
    expect(thrownAt(null)).to.equal(null)
  })
})
