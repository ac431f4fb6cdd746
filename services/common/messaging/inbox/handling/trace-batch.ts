import type { ReceivedMessage } from '../../message/received-message.ts'
import { parseTraceparent } from '../../telemetry/trace-context.ts'
import type { Span, Tracer } from '../../telemetry/tracer.ts'

/** The spans of one transaction of a consumer: its own, and one for each message that it handles. */
export interface BatchTrace {
  /** Returns the messages for the handler, each with the context of its span, for the messages that it leads to. */
  begin(messages: readonly ReceivedMessage[]): readonly ReceivedMessage[]
  /**
   * Waits for the transaction and ends the spans. After a rollback only that of the transaction ends, as failed: its
   * messages are tried again.
   */
  end<Result>(transaction: Promise<Result>): Promise<Result>
}

/**
 * Begins to trace a transaction. A message's span continues the trace that came with the message. The transaction
 * belongs to none of these traces: it has its own, and links lead there and back.
 */
export function traceBatch(tracer: Tracer | undefined, consumer: string): BatchTrace {
  if (tracer === undefined) return untraced
  const startedAtMs = Date.now()
  let transactionSpan: Span | undefined
  let messageSpans: readonly Span[] = []
  return {
    begin(messages) {
      const links = messages.flatMap(({ traceparent }) =>
        traceparent !== undefined && parseTraceparent(traceparent)?.sampled ? traceparent : [],
      )
      if (links.length === 0) return messages
      transactionSpan = tracer.begin({
        name: `transaction ${consumer}`,
        kind: 'INTERNAL',
        links,
        startedAtMs,
        attributes: { ...kafka, ...groupOf(consumer), 'messaging.batch.message_count': messages.length },
      })
      const handling = [transactionSpan.traceparent]
      const traced = messages.map((message) => ({
        message,
        span: tracer.begin({
          name: `process ${message.type}`,
          kind: 'CONSUMER',
          parent: message.traceparent,
          links: handling,
          startedAtMs,
          attributes: attributesOf(message, consumer),
        }),
      }))
      messageSpans = traced.map(({ span }) => span)
      return traced.map(({ message, span }) => ({ ...message, traceparent: span.traceparent }))
    },
    async end(transaction) {
      try {
        const result = await transaction
        for (const span of messageSpans) span.end()
        transactionSpan?.end()
        return result
      } catch (error) {
        transactionSpan?.end({ error: error instanceof Error ? error.name : 'not an error' })
        throw error
      }
    },
  }
}

const untraced: BatchTrace = {
  begin: (messages) => messages,
  end: (transaction) => transaction,
}

const kafka = { 'messaging.system.name': 'kafka' }

function groupOf(consumer: string) {
  return { 'messaging.consumer.group.name': consumer }
}

/** The key is left out: it may identify a user. */
function attributesOf(message: ReceivedMessage, consumer: string) {
  return {
    ...kafka,
    ...groupOf(consumer),
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': message.topic,
    'messaging.destination.partition.id': String(message.partition),
    'kafka.offset': Number(message.offset),
    'messaging.message.id': message.id,
    'messaging.message.conversation_id': message.subject,
  }
}
