import type { CallOptions, KubernetesApi } from './api.ts'
import { isConflict, isNotFound } from './api-error.ts'
import { collectionPath, type Kind, type Metadata, resourcePath } from './resource.ts'

/** A lock that its holder must renew: `coordination.k8s.io/v1`. */
export interface Lease {
  readonly metadata: Metadata
  readonly spec: LeaseSpec
}

export interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

/** The lease and when this process saw it: clocks of other machines cannot be compared. */
export interface SeenLease {
  readonly lease: Lease | undefined
  /** The time by this process's monotonic clock, in milliseconds. */
  readonly sinceMs: number
}

const leaseKind: Kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases' }

export interface LeaseOptions {
  readonly api: KubernetesApi
  readonly namespace: string
  readonly name: string
  readonly identity: string
  readonly durationMs: number
}

/**
 * Reads the lease. `before` keeps its time if the holder has not renewed since. A new version counts from its answer,
 * as the holder may have renewed it after the request.
 */
export async function readLease(
  { api, namespace, name }: LeaseOptions,
  before: SeenLease | undefined,
  now: () => number,
  options: CallOptions,
): Promise<SeenLease> {
  try {
    const lease = await api.get<Lease>(resourcePath(leaseKind, namespace, name), {}, options)
    const same = before?.lease?.metadata.resourceVersion === lease.metadata.resourceVersion
    return { lease, sinceMs: same && before !== undefined ? before.sinceMs : now() }
  } catch (error) {
    if (!isNotFound(error)) throw error
    return { lease: undefined, sinceMs: now() }
  }
}

/** Whether the lease has no holder any more, or this process holds it. */
export function mayTake(
  { lease, sinceMs }: SeenLease,
  { identity, durationMs }: Pick<LeaseOptions, 'identity' | 'durationMs'>,
  nowMs: number,
): boolean {
  const holder = lease?.spec.holderIdentity ?? ''
  if (holder === '' || holder === identity) return true
  const heldForMs = (lease?.spec.leaseDurationSeconds ?? durationMs / 1_000) * 1_000
  return nowMs - sinceMs > heldForMs
}

/** Takes or renews the lease; false if another process was quicker. */
export async function takeLease(
  options: LeaseOptions,
  { lease }: SeenLease,
  call: CallOptions,
): Promise<Lease | false> {
  const { api, namespace, name, identity, durationMs } = options
  const now = microTime(new Date())
  const isMine = lease?.spec.holderIdentity === identity
  const spec: LeaseSpec = {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1_000),
    acquireTime: isMine ? (lease.spec.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: (lease?.spec.leaseTransitions ?? 0) + (isMine || lease === undefined ? 0 : 1),
  }
  try {
    // With the version that was read, the server refuses the second writer.
    return lease === undefined
      ? await api.create<Lease>(collectionPath(leaseKind, namespace), bodyOf({ name, namespace }, spec), call)
      : await api.replace<Lease>(resourcePath(leaseKind, namespace, name), bodyOf(lease.metadata, spec), call)
  } catch (error) {
    if (isConflict(error)) return false
    throw error
  }
}

/** Releases the lease, so that the next process can take it at once. */
export async function releaseLease(
  { api, namespace, name }: LeaseOptions,
  { metadata, spec }: Lease,
): Promise<void> {
  const released: LeaseSpec = { ...spec, holderIdentity: '', leaseDurationSeconds: 1 }
  await api.replace(resourcePath(leaseKind, namespace, name), bodyOf(metadata, released))
}

function bodyOf(metadata: Metadata, spec: LeaseSpec) {
  return { apiVersion: leaseKind.apiVersion, kind: leaseKind.kind, metadata, spec }
}

/** The time in microseconds, as leases have it. */
function microTime(time: Date): string {
  return `${time.toISOString().slice(0, -1)}000Z`
}
