import type { FeedEvent } from '../contract/answers.ts'

/** An event and the text that goes to every reader alike. */
export interface WireEvent {
  readonly event: FeedEvent
  readonly position: bigint
  readonly text: string
}

/** One server-sent event. `data` is JSON and so has no line breaks. */
export function eventText(name: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`
}

/** Says nothing, so that both sides notice a connection that is gone. */
export const comment = ': still here\n\n'

/** How soon a reader comes back. */
export const retryText = 'retry: 1000\n\n'
