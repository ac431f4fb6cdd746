import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { KubernetesApi } from './api.ts'
import type { Resource } from './resource.ts'

/** Records events of a resource, which `kubectl describe` and `kubectl get events` show. */
export interface EventRecorder {
  /** Neither waits nor fails: an event is only news, and the status has the state. */
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
  /** The namespace of the events; none are written elsewhere. */
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
