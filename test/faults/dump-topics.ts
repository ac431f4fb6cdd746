import { createLog } from '@boxoffice/common/telemetry/log.ts'
import type { ConsumedRecord } from '@boxoffice/kafka'
import { readTopics } from '@boxoffice/kafka'
import { digestOf } from './digest.ts'
import type { DumpedRecord } from './dumped-record.ts'
import { poisonHeader } from './faults/poison.ts'
import { paymentOf } from './load/watch.ts'
import { servedTopics } from './served-topics.ts'
import type { World } from './world.ts'

const allTopics = servedTopics.flatMap((topic) => [topic, `${topic}-dlt`])

/** Reads topics from their first record to their end. */
export async function dumpTopics(
  { kafka }: World,
  topics: readonly string[] = allTopics,
): Promise<DumpedRecord[]> {
  const records: DumpedRecord[] = []
  await readTopics({
    kafka,
    topics,
    log: createLog({ service: 'fault-harness', level: 'silent' }),
    onRecord: (record) => records.push(dumped(record)),
  })
  return records
}

function dumped(record: ConsumedRecord): DumpedRecord {
  const { topic, partition, offset, topicId = '', key, value } = record
  const messageId = headerOf(record, 'ce_id')
  const isMarked = headerOf(record, poisonHeader) !== '' || record.unreadable !== undefined
  const isPoison = !topic.endsWith('-dlt') && isMarked
  return {
    topic,
    partition,
    offset,
    topicId,
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
