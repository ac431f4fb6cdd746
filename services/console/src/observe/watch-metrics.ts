import { pause } from '@boxoffice/pacing'
import { addressesOf, readMetrics, type Sample } from './read-metrics.ts'

export interface MetricsWatch {
  /** What each process told last; of one that does not answer, nothing. */
  samples(): Sample[]
  stop(): Promise<void>
}

/** While there is nobody to ask. */
const nobodyMs = 1_000

/**
 * Reads the metrics of several processes again and again, one process at a time and spread over `roundMs()`: a process
 * measures itself for whoever asks, and all of them at once would be felt by the checkouts. One of which nothing is known
 * is not waited with.
 *
 * @param targets - `host:port` each; a name may stand for several processes, as a headless Service does for its pods: all are
 * asked
 * @param resolve - the processes that a target stands for
 */
export function watchMetrics(
  targets: readonly string[],
  roundMs: () => number,
  resolve: (target: string) => Promise<string[]> = addressesOf,
): MetricsWatch {
  const stopping = new AbortController()
  const told = new Map<string, Sample[]>()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const processes = (await Promise.all(targets.map(resolve))).flat()
      for (const instance of told.keys()) if (!processes.includes(instance)) told.delete(instance)
      for (const instance of processes) {
        if (told.has(instance)) await pause(roundMs() / processes.length, stopping.signal)
        if (stopping.signal.aborted) return
        told.set(instance, await readMetrics(instance))
      }
      if (processes.length === 0) await pause(nobodyMs, stopping.signal)
    }
  }

  const running = run()
  return {
    samples: () => [...told.values()].flat(),
    async stop() {
      stopping.abort()
      await running
    },
  }
}
