import { setTopicConfig } from '@boxoffice/common/testing/topic-config.ts'
import type { Fault } from '../fault.ts'

const topics = [
  'point-commands',
  'point-events',
  'reservation-commands',
  'reservation-events',
  'payment-events',
]
/** The values of `compression.type` other than `producer`, which is what the topics have. */
const codecs = ['gzip', 'snappy', 'lz4', 'zstd']

/** The brokers store a topic's records in another codec than they were sent in. */
export const turnCompression: Fault = {
  name: 'turn-compression',
  targets: topics,
  lastsMs: [3_000, 15_000],
  ground: (target) => `settings of ${target}`,
  async inject({ kafka }, target, random) {
    await setTopicConfig(kafka, target, 'compression.type', random.pick(codecs))
    return async () => {
      await setTopicConfig(kafka, target, 'compression.type', 'producer').catch(() => {
        // Another fault keeps Kafka away. The setting may stay: consumers read every codec.
      })
    }
  },
}
