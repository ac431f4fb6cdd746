import { countRows, createOutboxDatabase, insertRows, type OutboxDatabase } from './outbox-database.ts'
import { type RelayProcess, startRelay } from './relay-process.ts'
import { createTestTopic, type TestTopic } from './topic.ts'
import { waitFor } from './wait-for.ts'

/** An outbox, a topic, the relays between them, and what a test says to them. */
export interface RelayFixture {
  readonly database: OutboxDatabase
  readonly topic: TestTopic
  /** Starts a relay, which `dispose` ends if the test does not. */
  start(env?: Record<string, string>): RelayProcess
  insertOne(payload: string, key?: string): Promise<string[]>
  outboxIsEmpty(): Promise<void>
  /** What has come, in the order in which it came. */
  values(): (string | null)[]
  dispose(): Promise<void>
}

export async function createRelayFixture(): Promise<RelayFixture> {
  const [database, topic] = await Promise.all([createOutboxDatabase(), createTestTopic()])
  const relays: RelayProcess[] = []
  return {
    database,
    topic,
    start(env = {}) {
      const relay = startRelay({ DATABASE_URL: database.url, ...env })
      relays.push(relay)
      return relay
    },
    insertOne: (payload, key = 'k') => insertRows(database.pool, [{ topic: topic.name, key, payload }]),
    async outboxIsEmpty() {
      await waitFor('an empty outbox', async () => (await countRows(database.pool)) === 0)
    },
    values: () => topic.records.map((record) => record.value),
    async dispose() {
      await Promise.all(relays.map((relay) => relay.end('SIGKILL')))
      await Promise.all([database.drop(), topic.close()])
    },
  }
}
