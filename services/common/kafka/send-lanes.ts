import type { Producer } from 'kafkajs'
import { type Lane, laneName, topicMessagesOf } from './lanes.ts'
import type { OutgoingRecord } from './send-outcome.ts'
import { withDeadline } from './with-deadline.ts'

/** What became of the first chunks of some lanes. */
export interface LanesAnswer<R extends OutgoingRecord> {
  readonly written: readonly Lane<R>[]
  readonly unwritten: readonly Lane<R>[]
  /** Whether the producer failed: its sequence numbers no longer fit. */
  readonly rejected: boolean
  readonly error: Error | undefined
}

/** KafkaJS says that all went well, and its answers do not. */
class UnansweredError extends Error {
  constructor(lanes: readonly string[]) {
    super(`no answer for ${lanes.join(', ')}`)
  }
}

/** One `sendBatch` of the first chunk of each lane, and which of the lanes the answers name. It never rejects. */
export async function sendLanes<R extends OutgoingRecord>(
  producer: Producer,
  lanes: readonly Lane<R>[],
  limits: {
    readonly timeoutMs: number
    readonly onRequest: (moment: 'before' | 'after') => void
    readonly signal: AbortSignal | undefined
  },
): Promise<LanesAnswer<R>> {
  const { timeoutMs, onRequest, signal } = limits
  try {
    onRequest('before')
    const sending = producer.sendBatch({
      acks: -1,
      timeout: timeoutMs,
      topicMessages: topicMessagesOf(lanes),
    })
    const answers = await withDeadline(sending, timeoutMs, signal)
    onRequest('after')
    const named = new Set(
      answers
        .filter(({ errorCode, baseOffset }) => errorCode === 0 && Number(baseOffset ?? -1) >= 0)
        .map(({ topicName, partition }) => laneName(topicName, partition)),
    )
    const unwritten = lanes.filter((lane) => !named.has(lane.name))
    return {
      written: lanes.filter((lane) => named.has(lane.name)),
      unwritten,
      rejected: false,
      error: unwritten.length === 0 ? undefined : new UnansweredError(unwritten.map((lane) => lane.name)),
    }
  } catch (error) {
    return { written: [], unwritten: lanes, rejected: true, error: asError(error) }
  }
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
