import { randomUUID } from 'node:crypto'
import {
  codecs,
  type ForeignBatch,
  type ForeignRecord,
  startForeignWriter,
} from '@boxoffice/common/testing/foreign-writer/foreign-writer.ts'
import type { Fault } from '../fault.ts'
import type { Random } from '../random.ts'
import { servedTopics } from '../served-topics.ts'
import { poisonHeader } from './poison.ts'

/** The size of a batch that expands to more than a consumer reads at once. */
const bombBytes = [9_000_000, 60_000_000] as const
const partitions = 12

/**
 * Records that Kafka's own client may leave in a topic: in every codec, of aborted transactions, and in batches that
 * expand to far too much.
 */
export const foreignRecords: Fault = {
  name: 'foreign-records',
  targets: servedTopics,
  lastsMs: [0, 0],
  ground: (target) => `foreign records in ${target}`,
  async inject(world, target, random) {
    const writer = await startForeignWriter(world.system.addresses.kafka.brokers)
    try {
      for (const codec of random.shuffled(codecs).slice(0, 2))
        await writer.write(batchOf(target, codec, random))
      // This batch is the last of its partition until a service writes there again.
      await writer.write({ ...placeIn(target, random), codec: 'zstd', end: 'abort', records: [unread()] })
    } finally {
      await writer.stop()
    }
    return async () => {}
  },
}

function batchOf(topic: string, codec: ForeignBatch['codec'], random: Random): ForeignBatch {
  const place = { ...placeIn(topic, random), codec }
  const canBeBomb = codec === 'gzip' || codec === 'zstd'
  return random.pick<ForeignBatch>([
    { ...place, records: [poisoned(), poisoned()] },
    { ...place, end: 'commit', records: [poisoned()] },
    { ...place, end: 'abort', records: [unread(), unread()] },
    { ...place, records: [canBeBomb ? { value: random.between(...bombBytes) } : poisoned()] },
  ])
}

function placeIn(topic: string, random: Random): Pick<ForeignBatch, 'topic' | 'partition'> {
  return { topic, partition: random.between(0, partitions - 1) }
}

function poisoned(): ForeignRecord {
  return { ...unread(), headers: { [poisonHeader]: 'foreign' } }
}

/**
 * A record without the poison mark. If a consumer reads it all the same, it is put aside, and a checker reports it.
 */
function unread(): ForeignRecord {
  return { key: Buffer.from(`foreign-${randomUUID()}`), value: Buffer.from([0xff, 0xff]) }
}
