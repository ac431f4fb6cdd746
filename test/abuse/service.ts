import { type Latency, latencyOf } from '../../scripts/bench/latency.ts'
import type { Bystanders, ServedCall } from './bystanders.ts'

/** How calls were served in a period of time. */
export interface Service {
  readonly calls: number
  readonly latencyMs: Latency
  /** The calls that were not served, each in a few words. */
  readonly refusals: readonly string[]
}

/** @throws RangeError if there are no calls */
export function serviceOf(calls: readonly ServedCall[]): Service {
  return {
    calls: calls.length,
    latencyMs: latencyOf(calls.map(({ tookMs }) => tookMs)),
    refusals: calls.flatMap(({ what, refusal }) => (refusal === undefined ? [] : [`${what}: ${refusal}`])),
  }
}

/** Runs `during`, waits until all calls that began meanwhile have ended, and returns them. */
export async function callsDuring(
  bystanders: Bystanders,
  during: () => Promise<unknown>,
): Promise<readonly ServedCall[]> {
  const from = performance.now()
  await during()
  const to = performance.now()
  await bystanders.ended(to)
  return bystanders.calls.filter(({ begunMs }) => begunMs >= from && begunMs <= to)
}
