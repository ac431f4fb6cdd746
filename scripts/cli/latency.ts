export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** The latencies that bound 50 %, 99 % and all of the samples, in milliseconds; zeros without samples. */
export function latencyOf(samplesMs: readonly number[]): Latency {
  const sorted = samplesMs.toSorted((a, b) => a - b)
  const at = (share: number): number => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

export function latencyText({ p50, p99, max }: Latency): string {
  return `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
