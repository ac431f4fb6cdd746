import { expect } from 'chai'
import { type Lease, mayTake } from './lease.ts'

const me = { identity: 'me', durationMs: 15_000 }

function heldBy(holderIdentity: string, leaseDurationSeconds = 15): Lease {
  return { metadata: { name: 'operator' }, spec: { holderIdentity, leaseDurationSeconds } }
}

describe('the lease', () => {
  it('is taken when it does not exist, when it has no holder, and when it is mine', () => {
    for (const lease of [undefined, heldBy(''), heldBy('me')]) {
      expect(mayTake({ lease, sinceMs: 0 }, me, 0)).to.equal(true)
    }
  })

  it('belongs to another holder until it was not renewed for its stated duration', () => {
    const seen = { lease: heldBy('other', 20), sinceMs: 1_000 }
    expect(mayTake(seen, me, 20_999)).to.equal(false)
    expect(mayTake(seen, me, 21_001)).to.equal(true)
  })
})
