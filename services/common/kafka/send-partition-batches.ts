import type { Producer } from 'kafkajs'
import { type PartitionBatch, partitionName, topicMessagesOf } from './partition-batches.ts'
import type { OutgoingRecord } from './send-outcome.ts'
import { withDeadline } from './with-deadline.ts'

/** The result of sending the first slices of some batches. */
export interface BatchesAnswer<R extends OutgoingRecord> {
  readonly written: readonly PartitionBatch<R>[]
  readonly unwritten: readonly PartitionBatch<R>[]
  /** Whether the producer failed: its sequence numbers no longer fit. */
  readonly producerFailed: boolean
  readonly error: Error | undefined
}

/** KafkaJS reported a success, and its answers do not name every partition. */
class UnansweredError extends Error {
  constructor(batches: readonly string[]) {
    super(`no answer for ${batches.join(', ')}`)
  }
}

/**
 * Sends the first slice of each batch by one `sendBatch`.
 *
 * @returns which batches the answers name; it never rejects
 */
export async function sendPartitionBatches<R extends OutgoingRecord>(
  producer: Producer,
  batches: readonly PartitionBatch<R>[],
  limits: {
    readonly timeoutMs: number
    readonly onRequest: (moment: 'before' | 'after') => void
    readonly signal: AbortSignal | undefined
  },
): Promise<BatchesAnswer<R>> {
  const { timeoutMs, onRequest, signal } = limits
  try {
    onRequest('before')
    const sending = producer.sendBatch({
      acks: -1,
      timeout: timeoutMs,
      topicMessages: topicMessagesOf(batches),
    })
    const answers = await withDeadline(sending, timeoutMs, signal)
    onRequest('after')
    const named = new Set(
      answers
        .filter(({ errorCode, baseOffset }) => errorCode === 0 && Number(baseOffset ?? -1) >= 0)
        .map(({ topicName, partition }) => partitionName(topicName, partition)),
    )
    const unwritten = batches.filter((batch) => !named.has(batch.name))
    return {
      written: batches.filter((batch) => named.has(batch.name)),
      unwritten,
      producerFailed: false,
      error: unwritten.length === 0 ? undefined : new UnansweredError(unwritten.map((batch) => batch.name)),
    }
  } catch (error) {
    return { written: [], unwritten: batches, producerFailed: true, error: asError(error) }
  }
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
