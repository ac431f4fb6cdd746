import { startGroupMember } from '@boxoffice/kafka'
import { createDecode } from '../../message/decode.ts'
import { isTransient } from '../../sql/errors.ts'
import { noMetrics, silentLog } from '../../telemetry/silence.ts'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'
import { startCommittingLoop } from './committing-loop.ts'
import { consumerMetrics } from './consumer-metrics.ts'
import type { ConsumerOptions } from './consumer-options.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { defaultConsumerSettings } from './consumer-settings.ts'
import { createHeldPartitions } from './held-partitions.ts'
import { observeConsumer } from './observe.ts'
import { createOffsetCommits } from './offset-commits.ts'
import { createPassing } from './passing.ts'
import { processSlices } from './process-slices.ts'
import { receiveBatch } from './receive-batch.ts'
import { reportCircuits } from './report-circuits.ts'
import { takePartitions } from './take-partitions.ts'

/** Joins the consumer's group. From then on it takes partitions and receives batches. */
export function startReading(options: ConsumerOptions): ConsumerParts {
  const { name: consumer, kafka, database, handler, log = silentLog } = options
  const settings = { ...defaultConsumerSettings, ...options.settings }
  const observer = observeConsumer(consumer, consumerMetrics(options.metrics ?? noMetrics), log)
  const work = { ...options, consumer, decode: createDecode(handler.codec), poisonMax: settings.poisonWindow }

  const member = startGroupMember({
    kafka,
    groupId: consumer,
    topics: handler.topics,
    from: 'earliest',
    times: settings,
    log,
    onAssigned: (partitions) => takePartitions(parts, partitions),
    onBatch: (batch) => receiveBatch(parts, batch),
  })
  const loop = startCommittingLoop({
    limits: settings,
    async process(slices) {
      const startedAt = performance.now()
      const processed = await processSlices(work, slices)
      observer.committed(slices, processed, performance.now() - startedAt)
      return processed
    },
    isTransient,
    onCommitted(partition, before) {
      circuits.changed(partition, before.circuit)
      onStored(partition)
    },
    onFailure: observer.failed,
  })
  const passing = createPassing({
    ...work,
    intervalMs: settings.positionStoreIntervalMs,
    recordsMax: settings.poolMessagesMax,
    onPassed: observer.passedOver,
    onStored,
    onFailure: (error) => observer.failed(error, []),
  })
  const commits = createOffsetCommits(async (offsets) => {
    options.onStep?.('offset-commit:before')
    await member.commit(offsets)
    options.onStep?.('offset-commit:after')
  }, settings.offsetCommitIntervalMs)
  const circuits = reportCircuits(observer, settings, () => parts.assignment)
  const locateOptions = {
    consumer,
    database,
    admin: kafka.admin(),
    onGap: observer.gap,
    onShorterLog: observer.shorterLog,
  }

  function onStored(partition: AssignedPartition): void {
    const isAssigned = parts.assignment?.partition(partition) === partition
    if (isAssigned) commits.moved(partition, partition.progress.stored)
  }

  const parts: ConsumerParts = {
    settings,
    observer,
    locateOptions,
    member,
    loop,
    passing,
    commits,
    held: createHeldPartitions(member),
    circuits,
    assignment: undefined,
    locateFailures: 0,
  }
  return parts
}
