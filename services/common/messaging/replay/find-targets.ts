import type { Admin, Kafka } from '@boxoffice/kafka'
import { askKafka, offsetRanges, offsetsAtTime } from '@boxoffice/kafka'
import type { MessageHandler } from '../message/message-handler.ts'
import { MessagingError } from '../message/messaging-error.ts'
import { requireConsumer } from '../message/require-consumer.ts'
import type { ReplayTarget } from './plan-replay.ts'
import { checkFrom, InvalidOffsetsError, type ReplayFrom, type ReplayRange } from './replay-range.ts'

/** The consumer that is to read again. */
export interface ReplayedConsumer {
  readonly name: string
  readonly handler: MessageHandler
  readonly kafka: Kafka
}

/**
 * Finds the offset from which each partition of a range is to be read again, as Kafka has it now.
 *
 * @throws MessagingError FIELD_VIOLATION, CONSUMER_NOT_FOUND, REPLAY_FROM_FUTURE
 * @throws InvalidOffsetsError if offsets name no partition
 * @throws KafkaAwayError if Kafka does not answer
 */
export async function findTargets(
  consumer: ReplayedConsumer,
  range: ReplayRange,
  now: number,
): Promise<ReplayTarget[]> {
  requireConsumer(consumer.name, range.consumer)
  const topics = topicsOf(range, consumer.handler.topics)
  for (const topic of topics) requireTopic(consumer, topic)
  checkFrom(range.from)
  if (range.from.case === 'time' && range.from.value.getTime() > now) {
    throw new MessagingError('REPLAY_FROM_FUTURE', 'The time to replay from has not come yet')
  }
  const targets = await askKafka(consumer.kafka, async (admin) => {
    const found: ReplayTarget[] = []
    for (const topic of topics) found.push(...(await targetsIn(admin, topic, range.from)))
    return found
  })
  refuseUnknownPartitions(range.from, targets)
  return targets
}

/** @throws MessagingError CONSUMER_NOT_FOUND unless the consumer reads the topic */
export function requireTopic({ name, handler }: Omit<ReplayedConsumer, 'kafka'>, topic: string): void {
  if (handler.topics.includes(topic)) return
  const message = `${name} does not read ${topic}; it reads ${handler.topics.join(', ')}`
  throw new MessagingError('CONSUMER_NOT_FOUND', message)
}

function topicsOf({ topics, from }: ReplayRange, all: readonly string[]): string[] {
  const named = from.case === 'offsets' ? from.value.map(({ topic }) => topic) : topics
  return [...new Set(named.length > 0 ? named : all)].sort()
}

async function targetsIn(admin: Admin, topic: string, from: ReplayFrom): Promise<ReplayTarget[]> {
  const ranges = await offsetRanges(admin, topic)
  const fromOf = await startOf(admin, topic, from)
  return [...ranges]
    .sort(([a], [b]) => a - b)
    .flatMap(([partition, range]) => {
      const start = fromOf(partition, range.begin)
      return start === undefined ? [] : [{ topic, partition, from: start, range }]
    })
}

/**
 * Returns the offset to read a partition from, given the oldest one that Kafka has; undefined if it is not to be
 * read.
 */
type StartOf = (partition: number, begin: bigint) => bigint | undefined

async function startOf(admin: Admin, topic: string, from: ReplayFrom): Promise<StartOf> {
  switch (from.case) {
    case 'offset':
      return () => from.value
    case 'offsets': {
      const own = from.value.filter((offset) => offset.topic === topic)
      return (partition) => own.find((offset) => offset.partition === partition)?.offset
    }
    case 'time': {
      const offsets = await offsetsAtTime(admin, topic, from.value)
      // Records that retention has removed may be of that time too, as their times are lost: they count as gone.
      return (partition, begin) => {
        const offset = offsets.get(partition) ?? begin
        return offset > begin ? offset : 0n
      }
    }
    default:
      return () => 0n
  }
}

function refuseUnknownPartitions(from: ReplayFrom, targets: readonly ReplayTarget[]): void {
  if (from.case !== 'offsets') return
  const faults = from.value.flatMap(({ topic, partition }, index, all) => {
    const isSame = (other: { topic: string; partition: number }): boolean =>
      other.topic === topic && other.partition === partition
    if (!targets.some(isSame)) return [{ index, description: `${topic} has no partition ${partition}` }]
    if (all.findIndex(isSame) < index) return [{ index, description: 'the partition stands there twice' }]
    return []
  })
  if (faults.length > 0) throw new InvalidOffsetsError(faults)
}
