import { expect } from 'chai'
import {
  countRows,
  createOutboxDatabase,
  insertRows,
  type OutboxDatabase,
} from './testing/outbox-database.ts'
import { type RelayProcess, startRelay } from './testing/relay-process.ts'
import { createTestTopic, type TestTopic } from './testing/topic.ts'
import { waitFor } from './testing/wait-for.ts'

describe('the outbox relay', () => {
  let database: OutboxDatabase
  let topic: TestTopic
  const relays: RelayProcess[] = []
  const start = (env: Record<string, string> = {}): RelayProcess => {
    const relay = startRelay({ DATABASE_URL: database.url, ...env })
    relays.push(relay)
    return relay
  }
  beforeEach(async () => {
    ;[database, topic] = await Promise.all([createOutboxDatabase(), createTestTopic()])
  })
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.end('SIGKILL')))
    await Promise.all([database.drop(), topic.close()])
  })

  it('publishes each committed row once, in commit order per key, and deletes it', async () => {
    await start().saw('active')
    for (let n = 0; n < 50; n++) {
      await insertRows(database.pool, [
        { topic: topic.name, key: `key ${n % 5}`, payload: `${n}a`, headers: { ce_id: `${n}` } },
        { topic: topic.name, key: `key ${n % 5}`, payload: `${n}b` },
      ])
    }
    await topic.received(100)
    await waitFor('an empty outbox', async () => (await countRows(database.pool)) === 0)
    for (let k = 0; k < 5; k++) {
      const values = topic.records.filter((record) => record.key === `key ${k}`).map((record) => record.value)
      expect(values).to.deep.equal(
        Array.from({ length: 10 }, (_, i) => [`${i * 5 + k}a`, `${i * 5 + k}b`]).flat(),
      )
    }
    expect(topic.records).to.have.length(100)
  })
})
