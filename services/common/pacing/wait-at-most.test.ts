import { expect } from 'chai'
import { waitAtMost } from './wait-at-most.ts'

describe('a wait with a bound', () => {
  const never = new Promise<never>(() => {})

  it('tells work that is over in time from work that is not, and from work that fails', async () => {
    expect(await waitAtMost(1_000, Promise.resolve())).to.equal(true)
    expect(await waitAtMost(1, never)).to.equal(false)
    const failure = await waitAtMost(1_000, Promise.reject(new Error('refused'))).catch((error) => error)
    expect(failure.message).to.equal('refused')
  })
})
