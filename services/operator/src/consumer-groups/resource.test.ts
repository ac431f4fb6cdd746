import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { resourceNameOf } from './resource.ts'

const nameOf = (groupId: string): string =>
  resourceNameOf(groupId, (text) => createHash('sha256').update(text).digest('hex'))

describe("a consumer group's resource", () => {
  it('has the name of the group if that is a valid name', () => {
    for (const name of ['payment', 'a', 'read-model.v2', '0-1']) expect(nameOf(name)).to.equal(name)
  })

  it('has another name if it is not, different from that of a similar group', () => {
    expect(nameOf('Payment_Reports')).to.match(/^payment-reports-[0-9a-f]{10}$/)
    expect(nameOf('Payment_Reports')).to.not.equal(nameOf('payment_Reports'))
    expect(nameOf('___')).to.match(/^group-[0-9a-f]{10}$/)
  })

  it('always has a name that Kubernetes accepts', () => {
    const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
    const ids = fc.oneof(
      fc.string({ minLength: 1, maxLength: 249 }),
      fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/),
    )
    fc.assert(
      fc.property(ids, (groupId) => {
        const name = nameOf(groupId)
        expect(name).to.match(subdomain)
        expect(name.length).to.be.at.most(253)
      }),
      { numRuns: 2_000 },
    )
  })
})
