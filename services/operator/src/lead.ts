import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { GroupReader } from '@boxoffice/kafka'
import type { OperatorConfig } from './config.ts'
import { keepConsumerGroups } from './consumer-groups/keep.ts'
import { createObserver } from './consumer-groups/observe.ts'
import { type ConsumerGroupResource, consumerGroupKind } from './consumer-groups/resource.ts'
import type { Access } from './kubernetes/access.ts'
import type { KubernetesApi } from './kubernetes/api.ts'
import type { EventRecorder } from './kubernetes/event-recorder.ts'
import { startInformer } from './kubernetes/informer.ts'
import { collectionPath } from './kubernetes/resource.ts'
import type { OperatorMetrics } from './metrics.ts'
import { type Pod, podAt, podSelector, trimPod } from './pods.ts'
import { keepReplays } from './replays/keep.ts'
import type { ServiceClient } from './services/service-clients.ts'
import { watchDeadLetters } from './services/watch-dead-letters.ts'

export interface LeadParts {
  readonly config: OperatorConfig
  readonly access: Access
  readonly api: KubernetesApi
  readonly groupReader: GroupReader
  readonly services: ReadonlyMap<string, ServiceClient>
  readonly events: EventRecorder
  readonly metrics: OperatorMetrics
  readonly log: Logger
}

/** The work of the leader, until its signal: updates the consumer groups' resources and carries out replays. */
export async function lead(parts: LeadParts, signal: AbortSignal): Promise<void> {
  const { config, access, api, groupReader, services, events, metrics, log } = parts
  const { namespace } = access
  const watched = { access, api, resyncIntervalMs: config.resyncIntervalMs, log, signal }

  const pods = startInformer<Pod>({
    ...watched,
    path: collectionPath({ apiVersion: 'v1', kind: 'Pod', plural: 'pods' }, namespace),
    query: { labelSelector: podSelector },
    trim: trimPod,
  })
  const groups = startInformer<ConsumerGroupResource>({
    ...watched,
    path: collectionPath(consumerGroupKind, namespace),
  })
  const deadLetters = watchDeadLetters(services, { intervalMs: config.deadLetterIntervalMs, signal })
  const keeping = keepConsumerGroups({
    api,
    namespace,
    events,
    resources: groups,
    deadLettersOf: deadLetters.of,
    podAt: (host) => podAt(pods.list(), host),
    missing: new Set(),
    observer: createObserver(groupReader, (groupId) => !config.ignoredGroups.test(groupId)),
    intervalMs: config.observeIntervalMs,
    ready: () => groups.synced() && pods.synced(),
    metrics,
    log,
    signal,
  })

  const replaying = keepReplays({
    access,
    api,
    namespace,
    ofNamespaces: config.replayNamespaces,
    services,
    events,
    intervalMs: config.replayIntervalMs,
    resyncIntervalMs: config.resyncIntervalMs,
    metrics,
    log,
    signal,
  })

  await Promise.all([pods.stopped, groups.stopped, deadLetters.stopped, keeping, replaying])
}
