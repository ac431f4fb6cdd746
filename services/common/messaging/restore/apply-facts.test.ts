import { expect } from 'chai'
import { markEarlierWrite } from '../sql/earlier-write.ts'
import { ApplyError, applyFacts } from './apply-facts.ts'

describe('applying published facts', () => {
  it('fails as the service fails, also where the error of its write comes with COMMIT', async () => {
    const failed = markEarlierWrite(Object.assign(new Error('invalid input syntax'), { code: '22P02' }))
    const failure = await applyIn(() => Promise.reject(failed))
    expect(failure).to.be.instanceOf(ApplyError).and.have.property('cause', failed)
  })

  it('fails with any other error as it is: the restore tries again', async () => {
    const away = Object.assign(new Error('terminating connection'), { code: '57P01' })
    expect(await applyIn(() => Promise.reject(away))).to.equal(away)
  })
})

function applyIn(transaction: () => Promise<never>): Promise<unknown> {
  const { signal } = new AbortController()
  const parts = { database: { transaction }, restoring: {} as never, signal }
  return applyFacts(parts, {} as never).then(
    () => undefined,
    (error: unknown) => error,
  )
}
