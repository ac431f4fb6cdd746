import { expect } from 'chai'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import type { RelayProcess } from './testing/relay-process.ts'
import { waitFor } from './testing/wait-for.ts'

const measuredOnes = [
  'outbox_relay_oldest_unpublished_age_seconds',
  'outbox_relay_parked_rows',
  'outbox_relay_retained_wal_bytes',
  'outbox_relay_confirmed_lag_bytes',
]

describe('what a relay measures', () => {
  let fixture: RelayFixture
  beforeEach(async () => {
    fixture = await createRelayFixture()
  })
  afterEach(() => fixture.dispose())

  const shown = async (relay: RelayProcess): Promise<boolean[]> =>
    await Promise.all(measuredOnes.map(async (name) => !Number.isNaN(await relay.metric(name))))
  const all = (relay: RelayProcess, value: boolean) => async () =>
    (await shown(relay)).every((one) => one === value)

  it('is not shown any more once it has not been measured for a few rounds, and is again as soon as it is', async () => {
    const relay = fixture.start({ OBSERVE_INTERVAL_MS: '100' })
    await relay.saw('active')
    await waitFor('all of it', all(relay, true))
    await fixture.database.pool.query('ALTER TABLE parked_outbox RENAME TO hidden')
    await waitFor('nothing', all(relay, false))
    expect(await relay.metric('outbox_relay_active')).to.equal(1)
    await fixture.database.pool.query('ALTER TABLE hidden RENAME TO parked_outbox')
    await waitFor('all of it', all(relay, true))
  })

  it('is not shown by one that stands by: it would be 0, whatever waits', async () => {
    await fixture.start().saw('active')
    const standby = fixture.start({ OBSERVE_INTERVAL_MS: '100' })
    await standby.saw('standing by: another relay holds the slot')
    await waitFor('nothing', all(standby, false))
  })
})
