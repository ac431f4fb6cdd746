import { type InformerOptions, startInformer } from '../kubernetes/informer.ts'
import { collectionPath } from '../kubernetes/resource.ts'
import type { OperatorMetrics } from '../metrics.ts'
import { startWorkQueue } from '../work-queue.ts'
import { type ReplayParts, reconcileReplay } from './reconcile.ts'
import { type ReplayResource, replayKind } from './resource.ts'

export interface KeepOptions
  extends Omit<ReplayParts, 'replays'>,
    Pick<InformerOptions<ReplayResource>, 'access' | 'resyncIntervalMs'> {
  /** Whether replays of other namespaces fail with a reason, or are left to another operator. */
  readonly ofNamespaces: 'all' | 'own'
  readonly metrics: Pick<OperatorMetrics, 'reconciled'>
}

/** Carries out replays until the signal: each step by step, when it has changed and when it is time to check it. */
export async function keepReplays(options: KeepOptions): Promise<void> {
  const { access, api, namespace, ofNamespaces, resyncIntervalMs, metrics, log, signal } = options
  const replays = startInformer<ReplayResource>({
    access,
    api,
    path: collectionPath(replayKind, ofNamespaces === 'own' ? namespace : undefined),
    resyncIntervalMs,
    onChange: (key) => queue.add(key),
    log,
    signal,
  })
  const parts: ReplayParts = { ...options, replays }
  const queue = startWorkQueue({
    async handle(key) {
      const againMs = await reconcileReplay(parts, key)
      metrics.reconciled.inc({ kind: 'Replay', result: 'ok' })
      return againMs
    },
    onFailure(key, err, retryMs) {
      metrics.reconciled.inc({ kind: 'Replay', result: 'error' })
      log.warn({ err, replay: key, retryMs }, 'a replay could not be brought further, trying again')
    },
    signal,
  })
  await Promise.all([replays.stopped, queue.stopped])
}
