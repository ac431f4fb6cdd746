import { randomFillSync } from 'node:crypto'

/** The parts of a W3C `traceparent` header (https://www.w3.org/TR/trace-context/#traceparent-header). */
export interface TraceContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string
  readonly sampled: boolean
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The context in a header; undefined if it is absent or not valid, and then a new trace begins. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  if (header === undefined || header.length > 512) return undefined
  const [, version, traceId = '', spanId = '', flags = '', rest] = pattern.exec(header) ?? []
  if (version === undefined || version === 'ff') return undefined
  // Later versions may append fields; version 00 has none.
  if (version === '00' && rest !== undefined) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

/** A header for a new span: under the trace of `parent`, or in a new, sampled trace if there is no valid one. */
export function childTraceparent(parent?: string): string {
  const context = parseTraceparent(parent)
  const traceId = context?.traceId ?? nonZero(randomHex(16))
  return formatTraceparent({ traceId, spanId: nonZero(randomHex(8)), sampled: context?.sampled ?? true })
}

/** The header for what `cause` leads to: the same one, or that of a new trace if there is no cause or no valid one. */
export function continueTrace(cause?: string): string {
  return cause !== undefined && parseTraceparent(cause) !== undefined ? cause : childTraceparent()
}

/** Asking the system for a few bytes costs 15 µs, as much as for a few thousand. */
const pool = Buffer.alloc(4_096)
let taken = pool.length

function randomHex(lengthBytes: number): string {
  if (taken + lengthBytes > pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  taken += lengthBytes
  return pool.toString('hex', taken - lengthBytes, taken)
}

/** An id of zeros means "none"; a random one is that once in 2^64 times. */
function nonZero(id: string): string {
  return /^0+$/.test(id) ? `${id.slice(1)}1` : id
}
