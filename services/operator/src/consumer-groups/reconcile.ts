import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { KubernetesApi } from '../kubernetes/api.ts'
import { ApiStatusError, isNotFound } from '../kubernetes/api-error.ts'
import type { EventRecorder } from '../kubernetes/event-recorder.ts'
import { resourcePath } from '../kubernetes/resource.ts'
import { type DeadLetters, decideStatus, statusWithoutKafka } from './decide-status.ts'
import type { ObservedGroup } from './observe.ts'
import {
  type ConsumerGroupResource,
  type ConsumerGroupStatus,
  consumerGroupKind,
  resourceNameOf,
} from './resource.ts'
import { tellOfGroup } from './tell-of-group.ts'

export interface ConsumerGroupParts {
  readonly api: KubernetesApi
  /** The resources that there are, in this namespace. */
  readonly resources: { get(key: string): ConsumerGroupResource | undefined; list(): ConsumerGroupResource[] }
  readonly namespace: string
  readonly events: EventRecorder
  deadLettersOf(group: string): DeadLetters | undefined
  podAt(host: string): string | undefined
  /** Groups that were missing in the round before; kept from round to round. */
  readonly missing: Set<string>
  readonly signal: AbortSignal
}

/**
 * Makes the resources of a namespace say what Kafka says of its groups. One that the API server refuses does not keep the
 * others back.
 *
 * @throws AggregateError with what was refused; any error if the API server does not answer
 */
export async function reconcileConsumerGroups(
  parts: ConsumerGroupParts,
  observed: readonly ObservedGroup[],
): Promise<void> {
  const wanted = new Map(observed.map((one) => [nameOf(one.group.groupId), one]))
  const refused: ApiStatusError[] = []
  // 1. A resource for each group that has come, and 2. its status, written only where it is another one.
  for (const [name, one] of wanted) {
    try {
      const resource = await ensureResource(parts, name, one.group.groupId)
      await writeStatus(parts, resource, statusOf(parts, resource, one))
    } catch (error) {
      if (!(error instanceof ApiStatusError)) throw error
      refused.push(error)
    }
  }
  // 3. Away with those whose group is gone: twice in a row, for a coordinator that has just moved forgets for a moment.
  for (const resource of parts.resources.list()) {
    const { name } = resource.metadata
    const isWanted = wanted.get(name)?.group.groupId === resource.spec.group
    if (isWanted) parts.missing.delete(name)
    else if (parts.missing.has(name)) await remove(parts, resource)
    else parts.missing.add(name)
  }
  if (refused.length > 0) throw new AggregateError(refused, `${refused.length} consumer groups were refused`)
}

/** Says of every group that nobody can tell at the moment. */
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
    tellOfGroup(events, resource, status)
  } catch (error) {
    // Somebody deleted it a moment ago; the next round makes it anew.
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
