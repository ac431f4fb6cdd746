/** Records the work of this process as spans. A process without a tracer records nothing and pays nothing. */
export interface Tracer {
  begin(span: NewSpan): Span
  /** Sends the spans that have ended, for two seconds at most. */
  stop(): Promise<void>
}

export interface NewSpan {
  /** The name of a kind of work, never of a single piece of it: no ids. */
  readonly name: string
  readonly kind: 'SERVER' | 'PRODUCER' | 'CONSUMER' | 'INTERNAL'
  /** The W3C trace context of what led to it, whose sampling it keeps; without a valid one it begins a trace. */
  readonly parent?: string | undefined
  /** Named by OpenTelemetry's semantic conventions where they have a name; no users, no tokens, no payloads. */
  readonly attributes?: SpanAttributes
  /** The W3C trace contexts of related spans. */
  readonly links?: readonly string[]
  /** Milliseconds since 1970; now unless given. */
  readonly startedAtMs?: number | undefined
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A span is recorded only once it has ended. */
export interface Span {
  /** The W3C trace context of this span, for what it leads to. */
  readonly traceparent: string
  end(outcome?: SpanOutcome): void
}

export interface SpanOutcome {
  /** What went wrong, for operators; absent if nothing did. */
  readonly error?: string | undefined
  readonly attributes?: SpanAttributes
}
