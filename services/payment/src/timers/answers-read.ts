import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from '@boxoffice/common/kafka/client.ts'
import { endOffsets } from '@boxoffice/common/kafka/end-offsets.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'

export interface Answers {
  /** Waits until the consumer has handled its topic up to where it ends now; false if that takes longer than five seconds. */
  readToEnd(): Promise<boolean>
  close(): Promise<void>
}

const waitMsMax = 5_000
const pollMs = 100

/** Tells whether a consumer, on whatever replica, has handled all that stands in a topic. */
export function watchAnswers(of: {
  readonly kafka: Kafka
  readonly database: Database
  readonly consumer: string
  readonly topic: string
}): Answers {
  const admin = of.kafka.admin()
  return {
    async readToEnd() {
      const ends = await endOffsets(admin, of.topic)
      const deadline = Date.now() + waitMsMax
      while (!(await hasReached(of.database, of.consumer, of.topic, ends))) {
        if (Date.now() > deadline) return false
        await sleep(pollMs)
      }
      return true
    },
    close: () => admin.disconnect(),
  }
}

async function hasReached(
  database: Database,
  consumer: string,
  topic: string,
  ends: ReadonlyMap<number, bigint>,
): Promise<boolean> {
  const rows = await query<{ partition: number; next_offset: string }>(database.em(), selectPositions, [
    consumer,
    topic,
  ])
  const positions = new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]))
  return [...ends].every(([partition, end]) => end === 0n || (positions.get(partition) ?? 0n) >= end)
}

const selectPositions = `
  SELECT partition, next_offset::text FROM consumer_position WHERE consumer = $1 AND topic = $2`
