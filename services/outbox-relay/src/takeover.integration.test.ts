import { expect } from 'chai'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import type { TestTopic } from './testing/topic.ts'
import { waitFor } from './testing/wait-for.ts'

describe('a relay that ends or hangs', () => {
  let fixture: RelayFixture

  beforeEach(async () => {
    fixture = await createRelayFixture()
  })
  afterEach(() => fixture.dispose())

  it('repeats messages after a SIGKILL, and loses none', async () => {
    let inserted = 0
    let writing = true
    const writer = (async () => {
      while (writing) await fixture.insertOne(`${inserted++}`, `key ${inserted % 20}`)
    })()
    for (let kill = 0; kill < 4; kill++) {
      const relay = fixture.start({ STANDBY_POLL_MS: '50' })
      await relay.saw('streaming')
      const before = fixture.topic.records.length
      await fixture.topic.received(before + 20)
      await relay.end('SIGKILL')
    }
    writing = false
    await writer
    fixture.start({ SWEEP_INTERVAL_MS: '500' })
    await waitFor('every row', () => new Set(fixture.values()).size === inserted)
    await fixture.outboxIsEmpty()
    expectFirstDeliveriesInOrder(fixture.topic)
  })

  it('is brought again by the slot what it had read and not sent when it died, without a sweep', async () => {
    const dying = fixture.start({ CRASH_AT: 'produce:before:2' })
    await fixture.insertOne('sent')
    await fixture.topic.received(1)
    await fixture.insertOne('read')
    await waitFor('its end', () => dying.child.signalCode === 'SIGKILL')
    const next = fixture.start()
    await fixture.topic.received(2)
    await fixture.outboxIsEmpty()
    expect(fixture.values()).to.deep.equal(['sent', 'read'])
    expect(await next.metric('outbox_relay_swept_rows_total')).to.equal(0)
  })

  it('lets a standby take over at once when the active relay dies', async () => {
    const [first, second] = [fixture.start(), fixture.start()]
    const active = await waitFor('an active relay', () =>
      [first, second].find((relay) => relay.logged.some((line) => line.msg === 'active')),
    )
    const standby = active === first ? second : first
    await standby.saw('standing by: another relay holds the slot')
    expect(await standby.metric('outbox_relay_active')).to.equal(0)
    await fixture.insertOne('before')
    await fixture.topic.received(1)
    await active.end('SIGKILL')
    await fixture.insertOne('after')
    await waitFor('the row from afterwards', () => fixture.values().includes('after'), 5_000)
    expect([...new Set(fixture.values())]).to.deep.equal(['before', 'after'])
  })

  it('replaces a relay that hangs, and is not disturbed when that wakes up', async () => {
    const hanging = fixture.start({ WAL_SENDER_TIMEOUT_MS: '2000' })
    await hanging.saw('streaming')
    const standby = fixture.start({ WAL_SENDER_TIMEOUT_MS: '2000' })
    await standby.saw('standing by: another relay holds the slot')
    hanging.child.kill('SIGSTOP')
    await fixture.insertOne('while it hangs')
    await standby.saw('streaming', 10_000)
    await fixture.topic.received(1)
    hanging.child.kill('SIGCONT')
    await hanging.saw('standing by: another relay holds the slot')
    await fixture.insertOne('afterwards')
    await waitFor('the last row', () => fixture.values().includes('afterwards'))
    expect(new Set(fixture.values())).to.deep.equal(new Set(['while it hangs', 'afterwards']))
  })

  it('publishes what is in flight before it stops, and frees the slot', async () => {
    const relay = fixture.start()
    await relay.saw('streaming')
    await Promise.all(Array.from({ length: 50 }, (_, n) => fixture.insertOne(`${n}`, `${n}`)))
    expect(await relay.end('SIGTERM')).to.equal(0)
    const { rows } = await fixture.database.pool.query(
      'SELECT active FROM pg_replication_slots WHERE database = $1',
      [fixture.database.name],
    )
    expect(rows).to.deep.equal([{ active: false }])
    await fixture.start().saw('streaming')
    await waitFor('every row', () => new Set(fixture.values()).size === 50)
    expect(fixture.topic.records, 'nothing is repeated').to.have.length(50)
  })
})

/** The first time that each value of a key came is in the order in which they were written. */
function expectFirstDeliveriesInOrder(topic: TestTopic): void {
  const seen = new Map<string, number>()
  const delivered = new Set<string>()
  for (const { key, value } of topic.records) {
    if (delivered.has(`${value}`)) continue
    delivered.add(`${value}`)
    expect(Number(value), `order of ${key}`).to.be.above(seen.get(`${key}`) ?? -1)
    seen.set(`${key}`, Number(value))
  }
}
