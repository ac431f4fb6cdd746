import { pause } from '@boxoffice/pacing'
import { addressesOf, readMetrics, type Sample } from './read-metrics.ts'

export interface MetricsWatch {
  /** The last samples of each process; none of a process that does not answer. */
  samples(): Sample[]
  stop(): Promise<void>
}

/** The pause while there is no process to ask. */
const idleMs = 1_000

/**
 * Reads the metrics of several processes again and again, one process at a time and spread over `roundMs()`. A process
 * measures itself for each request, and all processes at once would slow down checkouts. A process without known
 * samples is asked without waiting.
 *
 * @param targets - `host:port` each; if a name resolves to several processes, as a headless Service does to its pods,
 * all are asked
 * @param resolve - returns the processes of a target
 */
export function watchMetrics(
  targets: readonly string[],
  roundMs: () => number,
  resolve: (target: string) => Promise<string[]> = addressesOf,
): MetricsWatch {
  const stopping = new AbortController()
  const samplesOf = new Map<string, Sample[]>()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const processes = (await Promise.all(targets.map(resolve))).flat()
      for (const instance of samplesOf.keys()) if (!processes.includes(instance)) samplesOf.delete(instance)
      for (const instance of processes) {
        if (samplesOf.has(instance)) await pause(roundMs() / processes.length, stopping.signal)
        if (stopping.signal.aborted) return
        samplesOf.set(instance, await readMetrics(instance))
      }
      if (processes.length === 0) await pause(idleMs, stopping.signal)
    }
  }

  const running = run()
  return {
    samples: () => [...samplesOf.values()].flat(),
    async stop() {
      stopping.abort()
      await running
    },
  }
}
