import type { Span, Tracer } from '@boxoffice/messaging/telemetry'
import { parseTraceparent } from '@boxoffice/messaging/telemetry'
import type { OutboxRow } from './outbox-row.ts'

export interface RowTrace {
  /**
   * Ends the spans of published and of parked rows. Rows that are sent again have none, nor does a send that throws.
   */
  end(published: readonly OutboxRow[], parked: readonly OutboxRow[]): void
}

/**
 * Begins a span for each row that is about to be sent, in the trace of the message's origin: a hop's time should be in
 * its own trace, and a span for the whole batch could only link to it. The record keeps the context that it came with,
 * so that a message that is published twice is the same to the byte.
 */
export function traceRows(tracer: Tracer | undefined, rows: readonly OutboxRow[]): RowTrace {
  if (tracer === undefined) return untraced
  const spans = new Map<OutboxRow, Span>()
  for (const row of rows) {
    const parent = textHeader(row, 'traceparent')
    if (!parseTraceparent(parent)?.sampled) continue
    const attributes = attributesOf(row)
    spans.set(row, tracer.begin({ name: `publish ${row.topic}`, kind: 'PRODUCER', parent, attributes }))
  }
  return {
    end(published, parked) {
      for (const row of published) spans.get(row)?.end()
      for (const row of parked) spans.get(row)?.end({ error: 'PARKED' })
    },
  }
}

const untraced: RowTrace = { end: () => undefined }

/** The key is left out: it may identify a user. */
function attributesOf(row: OutboxRow) {
  const id = textHeader(row, 'ce_id')
  const subject = textHeader(row, 'ce_subject')
  return {
    'messaging.system.name': 'kafka',
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
    'messaging.destination.name': row.topic,
    ...(id === undefined ? {} : { 'messaging.message.id': id }),
    ...(subject === undefined ? {} : { 'messaging.message.conversation_id': subject }),
  }
}

function textHeader({ headers }: OutboxRow, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}
