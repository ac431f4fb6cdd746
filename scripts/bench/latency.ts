export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** The nearest-rank percentiles of times. @throws RangeError without any time */
export function latencyOf(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b)
  const rank = (share: number): number => {
    const value = sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)]
    if (value === undefined) throw new RangeError('no times were measured')
    return value
  }
  return { p50: rank(0.5), p99: rank(0.99), max: rank(1) }
}
