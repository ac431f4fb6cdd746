import { setTimeout as sleep } from 'node:timers/promises'
import { addressesOf, readMetrics, type Sample } from './read-metrics.ts'

export interface MetricsWatch {
  /** What each process told last; of one that does not answer, nothing. */
  samples(): Sample[]
  stop(): Promise<void>
}

/**
 * Reads the metrics of several processes again and again, one process at a time and spread over `roundMs()`: a process
 * measures itself for whoever asks, and all of them at once would be felt by the checkouts.
 *
 * @param targets - `host:port` each; a name may stand for several processes, as a headless Service does for its pods: all are
 * asked
 */
export function watchMetrics(targets: readonly string[], roundMs: () => number): MetricsWatch {
  const stopping = new AbortController()
  const told = new Map<string, Sample[]>()

  async function run(): Promise<void> {
    // The first round does not wait: nothing is known yet.
    for (let spread = false; !stopping.signal.aborted; spread = true) {
      const processes = (await Promise.all(targets.map(addressesOf))).flat()
      for (const instance of told.keys()) if (!processes.includes(instance)) told.delete(instance)
      for (const instance of processes) {
        if (stopping.signal.aborted) return
        told.set(instance, await readMetrics(instance))
        if (spread) await rest(roundMs() / processes.length)
      }
      if (processes.length === 0) await rest(roundMs())
    }
  }

  async function rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined)
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
