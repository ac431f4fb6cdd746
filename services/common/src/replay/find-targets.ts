import type { ReplayRange } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { MessageHandler } from '../inbox/message-handler.ts'
import type { Admin, Kafka } from '../kafka/client.ts'
import { offsetRanges } from '../kafka/end-offsets.ts'
import { offsetsAtTime } from '../kafka/offsets-at-time.ts'
import { apiError, Code, ErrorReason } from '../status/errors.ts'
import { askKafka } from './ask-kafka.ts'
import type { ReplayTarget } from './plan-replay.ts'

/** The consumer that is to read again. */
export interface ReplayedConsumer {
  readonly name: string
  readonly handler: MessageHandler
  readonly kafka: Kafka
}

/**
 * From where each partition of a range is to be read again, as Kafka has it now.
 *
 * @throws ApiError NOT_FOUND (CONSUMER_NOT_FOUND), INVALID_ARGUMENT (REPLAY_FROM_FUTURE, FIELD_VIOLATION), UNAVAILABLE
 * (NOT_READY)
 */
export async function findTargets(
  { name, handler, kafka }: ReplayedConsumer,
  range: ReplayRange,
  now: number,
): Promise<ReplayTarget[]> {
  if (range.consumer !== name) {
    throw consumerNotFound(`This service has no consumer ${range.consumer}; its consumer is ${name}`)
  }
  const topics = topicsOf(range, handler.topics)
  for (const topic of topics) {
    if (!handler.topics.includes(topic)) {
      throw consumerNotFound(`${name} does not read ${topic}; it reads ${handler.topics.join(', ')}`)
    }
  }
  if (range.from.case === 'time' && timestampDate(range.from.value).getTime() > now) {
    throw replayFromFuture('The time to replay from has not come yet')
  }
  const targets = await askKafka(kafka, async (admin) => {
    const found: ReplayTarget[] = []
    for (const topic of topics) found.push(...(await targetsIn(admin, topic, range.from)))
    return found
  })
  refuseUnknownPartitions(range.from, targets)
  return targets
}

export function replayFromFuture(message: string): Error {
  return apiError(Code.INVALID_ARGUMENT, ErrorReason.REPLAY_FROM_FUTURE, message)
}

export function consumerNotFound(message: string): Error {
  return apiError(Code.NOT_FOUND, ErrorReason.CONSUMER_NOT_FOUND, message)
}

function topicsOf({ topics, from }: ReplayRange, all: readonly string[]): string[] {
  const named = from.case === 'offsets' ? from.value.offsets.map(({ topic }) => topic) : topics
  return [...new Set(named.length > 0 ? named : all)].sort()
}

async function targetsIn(admin: Admin, topic: string, from: ReplayRange['from']): Promise<ReplayTarget[]> {
  const ranges = await offsetRanges(admin, topic)
  const fromOf = await startOf(admin, topic, from)
  return [...ranges]
    .sort(([a], [b]) => a - b)
    .flatMap(([partition, range]) => {
      const start = fromOf(partition, range.begin)
      return start === undefined ? [] : [{ topic, partition, from: start, range }]
    })
}

/** For a partition, with the oldest offset that Kafka still has of it: where it is to be read from; undefined for not at all. */
type StartOf = (partition: number, begin: bigint) => bigint | undefined

async function startOf(admin: Admin, topic: string, from: ReplayRange['from']): Promise<StartOf> {
  switch (from.case) {
    case 'offset':
      return () => from.value
    case 'offsets': {
      const own = from.value.offsets.filter((one) => one.topic === topic)
      return (partition) => own.find((one) => one.partition === partition)?.offset
    }
    case 'time': {
      const offsets = await offsetsAtTime(admin, topic, timestampDate(from.value))
      // What was written before the oldest record there is may have been of that time too: nobody can tell any more.
      return (partition, begin) => {
        const offset = offsets.get(partition) ?? begin
        return offset > begin ? offset : 0n
      }
    }
    default:
      return () => 0n
  }
}

function refuseUnknownPartitions(from: ReplayRange['from'], targets: readonly ReplayTarget[]): void {
  if (from.case !== 'offsets') return
  const violations = from.value.offsets.flatMap(({ topic, partition }, index, all) => {
    const field = `range.offsets.offsets[${index}].partition`
    const sameAs = (one: { topic: string; partition: number }): boolean =>
      one.topic === topic && one.partition === partition
    if (!targets.some(sameAs)) return [{ field, description: `${topic} has no partition ${partition}` }]
    if (all.findIndex(sameAs) < index) return [{ field, description: 'the partition stands there twice' }]
    return []
  })
  if (violations.length === 0) return
  const message = 'The offsets do not name partitions'
  throw apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, message, {}, violations)
}
