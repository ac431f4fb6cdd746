import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { KubernetesApi } from '../kubernetes/api.ts'
import { ApiStatusError, isNotFound } from '../kubernetes/api-error.ts'
import type { EventRecorder } from '../kubernetes/event-recorder.ts'
import { resourcePath } from '../kubernetes/resource.ts'
import { type DeadLetters, decideStatus, statusWithoutKafka } from './decide-status.ts'
import type { ObservedGroup } from './observe.ts'
import { recordGroupEvents } from './record-group-events.ts'
import {
  type ConsumerGroupResource,
  type ConsumerGroupStatus,
  consumerGroupKind,
  resourceNameOf,
} from './resource.ts'

export interface ConsumerGroupParts {
  readonly api: KubernetesApi
  /** The existing resources in this namespace. */
  readonly resources: { get(key: string): ConsumerGroupResource | undefined; list(): ConsumerGroupResource[] }
  readonly namespace: string
  readonly events: EventRecorder
  deadLettersOf(group: string): DeadLetters | undefined
  podAt(host: string): string | undefined
  /** The groups that were missing in the previous round; kept between rounds. */
  readonly missing: Set<string>
  readonly signal: AbortSignal
}

/**
 * Makes the resources of a namespace show the state of Kafka's groups. If the API server refuses one, the others are
 * still written.
 *
 * @throws AggregateError with the refusals; any error if the API server does not answer
 */
export async function reconcileConsumerGroups(
  parts: ConsumerGroupParts,
  observed: readonly ObservedGroup[],
): Promise<void> {
  const wanted = new Map(observed.map((observation) => [nameOf(observation.group.groupId), observation]))
  const refused: ApiStatusError[] = []
  // 1. Create a resource for each new group, and 2. write its status if that has changed.
  for (const [name, observation] of wanted) {
    try {
      const resource = await ensureResource(parts, name, observation.group.groupId)
      await writeStatus(parts, resource, statusOf(parts, resource, observation))
    } catch (error) {
      if (!(error instanceof ApiStatusError)) throw error
      refused.push(error)
    }
  }
  // 3. Delete resources whose group was missing twice in a row: a coordinator that has just moved may forget it for a
  // moment.
  for (const resource of parts.resources.list()) {
    const { name } = resource.metadata
    const isWanted = wanted.get(name)?.group.groupId === resource.spec.group
    if (isWanted) parts.missing.delete(name)
    else if (parts.missing.has(name)) await remove(parts, resource)
    else parts.missing.add(name)
  }
  if (refused.length > 0) throw new AggregateError(refused, `${refused.length} consumer groups were refused`)
}

/** Sets every group's condition to unknown. */
export async function reconcileWithoutKafka(parts: ConsumerGroupParts): Promise<void> {
  for (const resource of parts.resources.list()) {
    if (resource.status !== undefined)
      await writeStatus(parts, resource, statusWithoutKafka(resource.status, new Date()))
  }
}

function statusOf(
  { deadLettersOf, podAt }: ConsumerGroupParts,
  resource: ConsumerGroupResource,
  { group, oldestUnread }: ObservedGroup,
): ConsumerGroupStatus {
  const observation = { group, oldestUnread, deadLetters: deadLettersOf(group.groupId), podAt }
  return decideStatus(observation, resource.metadata.generation ?? 1, resource.status, new Date())
}

async function ensureResource(
  { api, resources, namespace, signal }: ConsumerGroupParts,
  name: string,
  group: string,
): Promise<ConsumerGroupResource> {
  const known = resources.get(`${namespace}/${name}`)
  if (known?.spec.group === group && known.metadata.deletionTimestamp === undefined) return known
  const { apiVersion, kind } = consumerGroupKind
  return await api.apply<ConsumerGroupResource>(
    resourcePath(consumerGroupKind, namespace, name),
    { apiVersion, kind, metadata: { name, namespace }, spec: { group } },
    { signal },
  )
}

async function writeStatus(
  { api, namespace, events, signal }: ConsumerGroupParts,
  resource: ConsumerGroupResource,
  status: ConsumerGroupStatus,
): Promise<void> {
  if (isDeepStrictEqual(status, resource.status)) return
  const { apiVersion, kind } = consumerGroupKind
  const { name, uid } = resource.metadata
  try {
    await api.apply(
      `${resourcePath(consumerGroupKind, namespace, name)}/status`,
      { apiVersion, kind, metadata: { name, namespace, uid }, status },
      { signal },
    )
    recordGroupEvents(events, resource, status)
  } catch (error) {
    // The resource was deleted a moment ago; the next round creates it again.
    if (!isNotFound(error)) throw error
  }
}

async function remove(
  { api, namespace, missing, signal }: ConsumerGroupParts,
  resource: ConsumerGroupResource,
): Promise<void> {
  const { name } = resource.metadata
  try {
    await api.delete(resourcePath(consumerGroupKind, namespace, name), resource, { signal })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  missing.delete(name)
}

function nameOf(groupId: string): string {
  return resourceNameOf(groupId, (text) => createHash('sha256').update(text).digest('hex'))
}
