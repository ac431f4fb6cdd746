import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../telemetry/log.ts'
import type { Kafka } from './client.ts'
import type { ConsumedRecord } from './consumed-record.ts'
import { type OffsetRange, offsetRanges } from './end-offsets.ts'
import { startGroupMember } from './group-member.ts'
import { defaultGroupTimes } from './group-times.ts'

export interface ReadTopicsOptions {
  readonly kafka: Kafka
  readonly topics: readonly string[]
  readonly log: Logger
  /** How long it may take without a new record before it gives up, in milliseconds. */
  readonly patienceMs?: number
  /** Each record of a partition in its order, once. Must not throw. */
  onRecord(record: ConsumedRecord): void
}

const pollMs = 50

/**
 * Reads everything that stands in topics when it is called, from the first record that retention has kept, with a group
 * of its own that leaves nothing behind.
 *
 * @throws Error if the end of a partition is not reached in time
 */
export async function readTopics(options: ReadTopicsOptions): Promise<void> {
  const { kafka, topics, log, patienceMs = 30_000 } = options
  const admin = kafka.admin()
  const groupId = `read-topics-${randomUUID()}`
  const open = new Map<string, OffsetRange>()
  const next = new Map<string, bigint>()
  let heardAt = performance.now()
  try {
    for (const topic of topics) {
      for (const [partition, range] of await offsetRanges(admin, topic)) {
        if (range.begin < range.end) open.set(`${topic}/${partition}`, range)
      }
    }
    const member = startGroupMember({
      kafka,
      groupId,
      topics,
      from: 'earliest',
      times: defaultGroupTimes,
      log,
      onAssigned() {},
      async onBatch(batch) {
        const place = `${batch.topic}/${batch.partition}`
        for (const record of batch.records) {
          if (record.offset < (next.get(place) ?? 0n)) continue
          options.onRecord(record)
          heardAt = performance.now()
        }
        next.set(place, batch.end)
        if (batch.end >= (open.get(place)?.end ?? 0n)) open.delete(place)
        batch.resolve(batch.end)
      },
    })
    try {
      while (open.size > 0) {
        if (performance.now() - heardAt > patienceMs)
          throw new Error(`not read to the end: ${[...open.keys()]}`)
        await sleep(pollMs)
      }
    } finally {
      await member.leave()
    }
    await admin.deleteGroups([groupId]).catch(() => {
      // It holds nothing: the brokers forget it by themselves.
    })
  } finally {
    await admin.disconnect()
  }
}
