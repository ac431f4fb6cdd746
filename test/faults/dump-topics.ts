import type { ConsumedRecord } from '@boxoffice/common/kafka/consumed-record.ts'
import { readTopics } from '@boxoffice/common/kafka/read-topics.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { digestOf } from './digest.ts'
import { poisonHeader } from './faults/poison.ts'
import { paymentOf, type Seen } from './load/watch.ts'
import { servedTopics } from './served-topics.ts'
import type { World } from './world.ts'

/** A record as it stands in Kafka. */
export interface DumpedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** Hexadecimal; null without a key. */
  readonly key: string | null
  /** Empty without one. */
  readonly messageId: string
  readonly type: string
  readonly digest: string
  /** Written by the harness, for no consumer to read. */
  readonly poison: boolean
  /** Of payment-events. */
  readonly payment?: Seen
}

/** Reads every topic from its first record to its end. */
export async function dumpTopics({ kafka }: World): Promise<DumpedRecord[]> {
  const records: DumpedRecord[] = []
  await readTopics({
    kafka,
    topics: servedTopics.flatMap((topic) => [topic, `${topic}-dlt`]),
    log: createLog({ service: 'fault-harness', level: 'silent' }),
    onRecord: (record) => records.push(dumped(record)),
  })
  return records
}

function dumped(record: ConsumedRecord): DumpedRecord {
  const { topic, partition, offset, key, value } = record
  const messageId = headerOf(record, 'ce_id')
  const isMarked = headerOf(record, poisonHeader) !== '' || record.unreadable !== undefined
  const isPoison = !topic.endsWith('-dlt') && isMarked
  return {
    topic,
    partition,
    offset,
    key: key?.toString('hex') ?? null,
    messageId,
    type: headerOf(record, 'ce_type'),
    digest: digestOf(key, value),
    poison: isPoison,
    ...(topic === 'payment-events' && value !== null && !isPoison ? { payment: paymentOf(value) } : {}),
  }
}

function headerOf({ headers }: ConsumedRecord, name: string): string {
  const value = headers[name]
  return Buffer.isBuffer(value) || typeof value === 'string' ? String(value) : ''
}
