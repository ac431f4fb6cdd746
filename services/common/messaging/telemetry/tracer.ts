/** Records what this process does as spans. A process without a tracer records nothing, and pays nothing for it. */
export interface Tracer {
  begin(span: NewSpan): Span
  /** Sends what has ended, for two seconds at most. */
  stop(): Promise<void>
}

export interface NewSpan {
  /** Of a kind of work, never of one piece of it: no ids. */
  readonly name: string
  readonly kind: 'SERVER' | 'PRODUCER' | 'CONSUMER' | 'INTERNAL'
  /** W3C trace context of what led to it, whose sampling it keeps; without a valid one it begins a trace. */
  readonly parent?: string | undefined
  /** Of the semantic conventions of OpenTelemetry where they have a name for it; no users, no tokens, no payloads. */
  readonly attributes?: SpanAttributes
  /** W3C trace contexts of other spans that it has to do with. */
  readonly links?: readonly string[]
  /** Milliseconds since 1970; now unless given. */
  readonly startedAtMs?: number | undefined
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A span that is not recorded unless it is ended. */
export interface Span {
  /** W3C trace context of this span, for what it leads to. */
  readonly traceparent: string
  end(outcome?: SpanOutcome): void
}

export interface SpanOutcome {
  /** What went wrong, for people; it went well without. */
  readonly error?: string | undefined
  readonly attributes?: SpanAttributes
}
