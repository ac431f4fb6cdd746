import { expect } from 'chai'
import { withDeadline } from './with-deadline.ts'

describe('a deadline', () => {
  const never = new Promise<never>(() => {})

  it('gives the answer that comes in time, and the error', async () => {
    expect(await withDeadline(Promise.resolve(1), 1_000)).to.equal(1)
    const failure = await withDeadline(Promise.reject(new Error('refused')), 1_000).catch((error) => error)
    expect(failure.message).to.equal('refused')
  })

  it('rejects what does not come in time, and what is called off', async () => {
    expect((await withDeadline(never, 1).catch((error) => error)).message).to.equal('no answer within 1 ms')
    const reason = new Error('stopping')
    expect(await withDeadline(never, 1_000, AbortSignal.abort(reason)).catch((error) => error)).to.equal(
      reason,
    )
  })
})
