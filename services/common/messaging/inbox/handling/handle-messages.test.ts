import { expect } from 'chai'
import { markEarlierWrite } from '../../sql/earlier-write.ts'
import { blameHandler, HandlerError } from './handle-messages.ts'

describe('the failure of a transaction', () => {
  const thrownAt = (error: unknown): unknown => {
    try {
      return blameHandler(error)
    } catch (thrown) {
      return thrown
    }
  }

  it("is the handler's if it went on after a statement had failed: its message is put aside in the end", () => {
    const refused = Object.assign(new Error('rolled back instead of committed'), { code: 'COMMIT_REFUSED' })
    const blamed = thrownAt(refused)
    expect(blamed).to.be.instanceOf(HandlerError)
    expect((blamed as Error).cause).to.equal(refused)
  })

  it("is the handler's if it is that of a write that had not been sent at once", () => {
    const failed = markEarlierWrite(Object.assign(new Error('duplicate key'), { code: '23505' }))
    const blamed = thrownAt(failed)
    expect(blamed).to.be.instanceOf(HandlerError)
    expect((blamed as Error).cause).to.equal(failed)
  })

  it("is not the handler's otherwise: it is tried again", () => {
    const away = Object.assign(new Error('terminating connection'), { code: '57P01' })
    expect(thrownAt(away)).to.equal(away)
    expect(thrownAt(null)).to.equal(null)
  })
})
