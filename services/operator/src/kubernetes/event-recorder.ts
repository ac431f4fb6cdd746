import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { KubernetesApi } from './api.ts'
import type { Resource } from './resource.ts'

/** Tells, beside a resource, what has happened to it: `kubectl describe` and `kubectl get events` show it. */
export interface EventRecorder {
  /** Does not wait and does not fail: an event is news, and the status says what is. */
  record(about: Resource, event: { type: 'Normal' | 'Warning'; reason: string; note: string }): void
}

const noteLengthMax = 1_000

export function createEventRecorder({
  api,
  namespace,
  controller,
  instance,
  log,
}: {
  readonly api: KubernetesApi
  /** Events are written here only. */
  readonly namespace: string
  readonly controller: string
  readonly instance: string
  readonly log: Logger
}): EventRecorder {
  return {
    record({ apiVersion, kind, metadata }, { type, reason, note }) {
      if (metadata.namespace !== namespace) return
      const { name, uid, resourceVersion } = metadata
      const event = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { generateName: `${name.slice(0, 200)}-`, namespace },
        eventTime: `${new Date().toISOString().slice(0, -1)}000Z`,
        reportingController: controller,
        reportingInstance: instance,
        action: reason,
        type,
        reason,
        note: note.slice(0, noteLengthMax),
        regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
      }
      api
        .create(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, event)
        .catch((err) => log.warn({ err, reason, about: name }, 'an event could not be written'))
    },
  }
}
