import type { NewSpan, SpanOutcome, Tracer } from '@boxoffice/messaging/telemetry'
import { childTraceparent } from '@boxoffice/messaging/telemetry'

export interface FakeSpan extends NewSpan {
  readonly traceparent: string
  /** Undefined until it has ended. */
  outcome?: SpanOutcome
}

/** A tracer that records its spans. */
export function fakeTracer(): Tracer & { readonly spans: readonly FakeSpan[] } {
  const spans: FakeSpan[] = []
  return {
    spans,
    begin(span) {
      const begun: FakeSpan = { ...span, traceparent: childTraceparent(span.parent) }
      spans.push(begun)
      return {
        traceparent: begun.traceparent,
        end(outcome = {}) {
          begun.outcome = outcome
        },
      }
    },
    stop: async () => undefined,
  }
}
