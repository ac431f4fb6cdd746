import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { pause } from '@boxoffice/pacing'
import type { OperatorMetrics } from '../metrics.ts'
import type { ObservedGroup, Observer } from './observe.ts'
import { type ConsumerGroupParts, reconcileConsumerGroups, reconcileWithoutKafka } from './reconcile.ts'

export interface KeepOptions extends ConsumerGroupParts {
  readonly observer: Observer
  readonly intervalMs: number
  /** Whether the list of resources is complete. Before that, a resource that is not known may still exist. */
  ready(): boolean
  readonly metrics: OperatorMetrics
  readonly log: Logger
}

const readyPollMs = 50
/** The pause after a failed round: the API server or Kafka is away, and a retry after a second is no burden. */
const retryMs = 1_000

/** Observes Kafka's groups and updates their resources in rounds, until the signal. */
export async function keepConsumerGroups(options: KeepOptions): Promise<void> {
  const { observer, intervalMs, ready, metrics, log, signal } = options
  let failed = false
  while (!signal.aborted) {
    const startedAt = performance.now()
    if (!ready()) {
      await pause(readyPollMs, signal)
      continue
    }
    const observed = await observe()
    const kept = await keep(observed)
    if (kept && observed !== undefined && failed) log.info('consumer groups are kept again')
    failed = !kept || observed === undefined
    metrics.reconciled.inc({ kind: 'ConsumerGroup', result: failed ? 'error' : 'ok' })
    await pause(Math.max(failed ? retryMs : 0, startedAt + intervalMs - performance.now()), signal)
  }

  async function observe(): Promise<ObservedGroup[] | undefined> {
    try {
      const observed = await observer.observe()
      metrics.showGroups(observed)
      return observed
    } catch (err) {
      if (!signal.aborted)
        log.warn({ err }, 'Kafka does not say which consumer groups there are, asking again')
      return undefined
    }
  }

  /** @returns false if the API server did not accept everything */
  async function keep(observed: readonly ObservedGroup[] | undefined): Promise<boolean> {
    try {
      if (observed === undefined) await reconcileWithoutKafka(options)
      else await reconcileConsumerGroups(options, observed)
      return true
    } catch (err) {
      if (!signal.aborted) log.warn({ err }, 'consumer groups could not be written, trying again')
      return false
    }
  }
}
