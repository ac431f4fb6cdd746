import type { Identity } from '../auth/identity.ts'

/** What a handler knows about its call besides the request. */
export interface CallContext extends Identity {
  /** W3C trace context of this call, for the messages that it sends. */
  readonly traceparent: string
  /** Aborted when the caller cancels or leaves, when the deadline passes, and for streams when the server drains. */
  readonly signal: AbortSignal
  /** When the caller stops waiting; undefined if it set none. */
  readonly deadline: Date | undefined
  /** Aborted when the server begins to stop: a call that only waits should answer now. */
  readonly draining: AbortSignal
  /** Gives the turn to other calls, because this call only waits from now on. */
  yieldTurn(): void
}
