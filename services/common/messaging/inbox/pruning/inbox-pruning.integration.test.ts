import { randomUUID } from 'node:crypto'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics, type Metrics } from '@boxoffice/common/telemetry/metrics.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  sumOf,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTopics } from '@boxoffice/kafka'
import { expect } from 'chai'
import { type InboxPruningOptions, startInboxPruning } from './inbox-pruning.ts'
import { pruneInbox } from './prune-inbox.ts'

const consumer = 'pruned'
const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('an inbox', function () {
  this.timeout(60_000)
  let fixture: ConsumerFixture
  let metrics: Metrics
  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    await fixture.clear()
    metrics = createMetrics('test')
  })
  after(() => fixture.dispose())

  it('forgets what its topic cannot bring any more, and nothing else', async () => {
    const topic = await topicWith({ 'retention.ms': String(2 * hourMs), 'segment.ms': String(hourMs) })
    const [old, recent] = [await handled(27.1), await handled(26.9)]
    await pruning({ topics: [topic] }, async () => {
      await until('the old one is forgotten', async () => !(await remembered()).includes(old))
    })
    expect(await remembered()).to.deep.equal([recent])
    expect(await sumOf(metrics, 'boxoffice_inbox_pruned_total')).to.equal(1)
    expect(await sumOf(metrics, 'boxoffice_inbox_retention_seconds')).to.equal((27 * hourMs) / 1_000)
  })

  it("never forgets what was put aside, whatever has become of it, nor what is another consumer's", async () => {
    const kept = [await handled(1_000), await handled(1_000), await handled(1_000)]
    const states = ['PUT_ASIDE', 'REDRIVEN', 'DISCARDED']
    for (const [nth, id] of kept.entries()) await putAside(id, states[nth] ?? '')
    const others = await handled(1_000, 'another')
    await handled(1_000)
    expect(await pruneInbox(fixture.db.database, consumer, dayMs)).to.deep.equal({ pruned: 1, more: false })
    expect(await remembered()).to.have.members(kept)
    expect(await remembered('another')).to.deep.equal([others])
  })

  it('forgets in batches', async () => {
    for (let nth = 0; nth < 5; nth++) await handled(1_000)
    const batch = () => pruneInbox(fixture.db.database, consumer, dayMs, 2)
    expect([await batch(), await batch(), await batch()]).to.deep.equal([
      { pruned: 2, more: true },
      { pruned: 2, more: true },
      { pruned: 1, more: false },
    ])
  })

  it('forgets the oldest first, and finds them without looking at the others', async () => {
    const [, younger] = [await handled(1_002), await handled(1_000), await handled(1_001)]
    expect(await pruneInbox(fixture.db.database, consumer, dayMs, 2)).to.include({ pruned: 2 })
    expect(await remembered()).to.deep.equal([younger])
    const plan = await fixture.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT message_id FROM inbox WHERE consumer = 'c' AND processed_at < now() ORDER BY processed_at LIMIT 1`,
    )
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).to.contain('inbox_oldest')
  })

  it('keeps everything where its topic does', async () => {
    const topic = await topicWith({ 'retention.ms': '-1' })
    const ancient = await handled(100_000)
    await pruning({ topics: [topic] }, async () => {
      const kept = () => sumOf(metrics, 'boxoffice_inbox_retention_seconds')
      await until('it knows for how long', async () => (await kept()) === Number.POSITIVE_INFINITY)
    })
    expect(await remembered()).to.deep.equal([ancient])
  })

  it('refuses to be kept for less long than the topic needs, and forgets nothing', async () => {
    const topic = await topicWith({ 'retention.ms': String(2 * dayMs), 'segment.ms': String(dayMs) })
    const ancient = await handled(100_000)
    const failures: Error[] = []
    await pruning({ topics: [topic], retentionMs: 3 * dayMs, fail: (error) => failures.push(error) }, () =>
      until('it is refused', () => failures.length > 0),
    )
    expect(failures.map(({ message }) => message)).to.have.length(1)
    expect(failures[0]?.message).to.contain(`${topic} 345600000 ms (4.0 days)`)
    expect(await remembered()).to.deep.equal([ancient])
  })

  async function pruning(
    options: Partial<InboxPruningOptions>,
    during: () => Promise<unknown>,
  ): Promise<void> {
    const running = startInboxPruning({
      consumer,
      topics: [],
      kafka: fixture.kafka,
      database: fixture.db.database,
      retentionMs: undefined,
      log: createLog({ service: 'test', level: 'silent' }),
      metrics,
      fail: (error) => expect.fail(error.message),
      ...options,
    })
    try {
      await during()
    } finally {
      await running.stop()
    }
  }

  async function topicWith(config: Record<string, string>): Promise<string> {
    const name = `test-${randomUUID()}`
    await createTopics(fixture.kafka, [{ name, partitions: 1, replicas: 3, config }])
    return name
  }

  async function handled(hoursAgo: number, by = consumer): Promise<string> {
    const id = randomUUID()
    await fixture.query(
      `INSERT INTO inbox (consumer, message_id, processed_at)
       VALUES ($1, $2, now() - $3::float8 * interval '1 hour')`,
      [by, id, hoursAgo],
    )
    return id
  }

  async function putAside(messageId: string, state: string): Promise<void> {
    await fixture.query(
      `INSERT INTO dead_letter (dead_letter_id, consumer, message_id, topic, partition, "offset", headers, reason, error,
         attempts, state)
       VALUES (gen_random_uuid(), $1, $2, 't', 0, 0, '', 'HANDLER_FAILED', 'e', 1, $3)`,
      [consumer, messageId, state],
    )
  }

  async function remembered(by = consumer): Promise<string[]> {
    const rows = await fixture.query<{ message_id: string }>(
      'SELECT message_id FROM inbox WHERE consumer = $1',
      [by],
    )
    return rows.map((row) => row.message_id)
  }
})
