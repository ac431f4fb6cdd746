import { expect } from 'chai'
import { oldestUnpublishedSeconds } from './oldest-unpublished.ts'
import type { Sample } from './read-metrics.ts'

describe('the oldest unpublished message of a service', () => {
  it('has the age that the active relay reports, whatever a standby relay reports', () => {
    const samples = [...relay('a:1', { active: 0, age: 0 }), ...relay('b:1', { active: 1, age: 45 })]
    expect(oldestUnpublishedSeconds(samples, 'payment')).to.equal(45)
  })

  it('has an unknown age, not 0, while only standby relays answer', () => {
    expect(oldestUnpublishedSeconds(relay('a:1', { active: 0, age: 0 }), 'payment')).to.equal(null)
  })

  it('has an unknown age before its relay reports, and where only others report', () => {
    expect(oldestUnpublishedSeconds([], 'payment')).to.equal(null)
    expect(oldestUnpublishedSeconds(relay('a:1', { active: 1, age: 3 }), 'point')).to.equal(null)
  })

  it('has the higher of two ages while one relay takes over from another', () => {
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
