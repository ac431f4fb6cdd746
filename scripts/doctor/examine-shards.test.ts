import { expect } from 'chai'
import { judgeShards } from './examine-shards.ts'

describe('the shards of an outbox', () => {
  it('are fine when each has a relay', () => {
    const slots = ['outbox_payment_16385_1of2', 'outbox_payment_16385_2of2'].map((name) => ({
      name,
      active: true,
    }))
    expect(judgeShards(slots).map(({ severity, found }) => [severity, found])).to.deep.equal([
      ['fine', "Each of the 2 shards of payment's outbox has a relay."],
    ])
  })

  it('are reported if they have no relay, with or without a slot', () => {
    const findings = judgeShards([
      { name: 'outbox_my_shop_16385_1f2e3d_1of3', active: true },
      { name: 'outbox_my_shop_16385_1f2e3d_2of3', active: false },
    ])
    expect(findings.map(({ severity, found }) => [severity, found])).to.deep.equal([
      ['problem', 'The outbox of my_shop has 3 shards, and no relay has shard 2 or 3.'],
    ])
  })

  it('are not reported for an outbox without shards', () => {
    expect(judgeShards([{ name: 'outbox_payment_16385', active: true }])).to.deep.equal([])
  })
})
