import { expect } from 'chai'
import { type Lease, mayTake } from './lease.ts'

const me = { identity: 'me', durationMs: 15_000 }

function heldBy(holderIdentity: string, leaseDurationSeconds = 15): Lease {
  return { metadata: { name: 'operator' }, spec: { holderIdentity, leaseDurationSeconds } }
}

describe('the lease', () => {
  it('is taken when there is none, when nobody holds it, and when it is mine', () => {
    for (const lease of [undefined, heldBy(''), heldBy('me')]) {
      expect(mayTake({ lease, sinceMs: 0 }, me, 0)).to.equal(true)
    }
  })

  it("is another's until it was not renewed for as long as that one said", () => {
    const seen = { lease: heldBy('other', 20), sinceMs: 1_000 }
    expect(mayTake(seen, me, 20_999)).to.equal(false)
    expect(mayTake(seen, me, 21_001)).to.equal(true)
  })
})
