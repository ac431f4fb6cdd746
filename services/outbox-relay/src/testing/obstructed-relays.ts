import { type Obstacle, sentenceOf } from '../obstacles.ts'
import { insertRows, type OutboxDatabase } from './outbox-database.ts'
import { type RelayProcess, startRelay } from './relay-process.ts'
import type { TestTopic } from './topic.ts'
import { waitFor } from './wait-for.ts'

/** Relays that meet an obstacle, and the rows that they should publish. */
export interface ObstructedRelays {
  start(database: OutboxDatabase): RelayProcess
  /** Waits until the relay has logged the obstacle. */
  saw(relay: RelayProcess, obstacle: Obstacle): Promise<void>
  /** Inserts a row, and returns its payload. */
  insert(database: OutboxDatabase): Promise<string>
  /** Waits until each of the payloads is in the topic. */
  came(...payloads: readonly string[]): Promise<void>
}

/** @param topic - returns the topic of the rows once it exists */
export function obstructedRelays(topic: () => TestTopic): ObstructedRelays {
  let rows = 0
  return {
    start: (database) =>
      startRelay({ DATABASE_URL: database.url, OBSERVE_INTERVAL_MS: '200', SCAN_INTERVAL_MS: '100' }),
    async saw(relay, obstacle) {
      await waitFor(`${obstacle} in the log`, () =>
        relay.logged.some((line) => line.obstacle === obstacle && line.msg.endsWith(sentenceOf(obstacle))),
      )
    },
    async insert({ pool }) {
      const payload = `row ${++rows}`
      await insertRows(pool, [{ topic: topic().name, key: 'k', payload }])
      return payload
    },
    async came(...payloads) {
      for (const payload of payloads)
        await waitFor(payload, () => topic().records.some(({ value }) => value === payload))
    },
  }
}

/** Returns 1 while the relay reports the obstacle, and NaN if it does not. */
export function obstacleMetric(relay: RelayProcess, obstacle: Obstacle): Promise<number> {
  return relay.metric('outbox_relay_obstacle', `reason="${obstacle}"`)
}
