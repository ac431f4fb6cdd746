import { expect } from 'chai'
import { oldestUnpublishedSeconds } from './oldest-unpublished.ts'
import type { Sample } from './read-metrics.ts'

describe('the oldest unpublished message of a service', () => {
  it('is as old as the active relay says, whatever one on standby says', () => {
    const samples = [...relay('a:1', { active: 0, age: 0 }), ...relay('b:1', { active: 1, age: 45 })]
    expect(oldestUnpublishedSeconds(samples, 'payment')).to.equal(45)
  })

  it('is unknown, not new, while only relays on standby answer', () => {
    expect(oldestUnpublishedSeconds(relay('a:1', { active: 0, age: 0 }), 'payment')).to.equal(null)
  })

  it('is unknown before anything was told of it, and where only others tell', () => {
    expect(oldestUnpublishedSeconds([], 'payment')).to.equal(null)
    expect(oldestUnpublishedSeconds(relay('a:1', { active: 1, age: 3 }), 'point')).to.equal(null)
  })

  it('is the older of two while one relay takes over from another', () => {
    const samples = [...relay('a:1', { active: 1, age: 9 }), ...relay('b:1', { active: 1, age: 2 })]
    expect(oldestUnpublishedSeconds(samples, 'payment')).to.equal(9)
  })
})

function relay(instance: string, { active, age }: { active: number; age: number }): Sample[] {
  const labels = { service: 'outbox-relay-payment' }
  return [
    { instance, labels, name: 'outbox_relay_active', value: active },
    { instance, labels, name: 'outbox_relay_oldest_unpublished_age_seconds', value: age },
  ]
}
