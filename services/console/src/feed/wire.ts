import type { FeedEvent } from '../contract/answers.ts'

/** An event and its text, which is the same for every reader. */
export interface WireEvent {
  readonly event: FeedEvent
  readonly position: bigint
  readonly text: string
}

/** Events that were read together, and their bytes, which all readers that want all of them share. */
export interface WireBatch {
  readonly events: readonly WireEvent[]
  readonly bytes: Buffer
}

export function batchOf(events: readonly WireEvent[]): WireBatch {
  return { events, bytes: Buffer.from(events.map(({ text }) => text).join('')) }
}

/** One server-sent event. `data` is JSON and so has no line breaks. */
export function eventText(name: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`
}

/** The heartbeat: an SSE comment, by which both sides notice a connection that is gone. */
export const comment = ': still here\n\n'

/** Sets the delay after which a reader reconnects; milliseconds. */
export const retryText = 'retry: 1000\n\n'
