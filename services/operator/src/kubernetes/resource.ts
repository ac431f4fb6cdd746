/** The fields of every resource of the Kubernetes API that this operator reads. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly finalizers?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
}

/** One aspect of a resource's state, in the usual form of Kubernetes. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  /** One word for programs. */
  readonly reason: string
  /** A sentence for operators. */
  readonly message: string
  readonly observedGeneration: number
  /** When `status` last changed, RFC 3339. */
  readonly lastTransitionTime: string
}

/** A kind of resource and its path in the API: `/apis/boxoffice.dev/v1alpha1/…/replays`. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
}

/** The path of all resources of a kind, in one namespace or in all of them. */
export function collectionPath({ apiVersion, plural }: Kind, namespace?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`
}

export function resourcePath(kind: Kind, namespace: string, name: string): string {
  return `${collectionPath(kind, namespace)}/${name}`
}

/** A resource's unique name over all namespaces. */
export function keyOf({ metadata: { namespace, name } }: Resource): string {
  return `${namespace ?? ''}/${name}`
}

/** Replaces the conditions of the same types. A condition with an unchanged status keeps its time. */
export function withConditions(
  before: readonly Condition[] | undefined,
  now: Date,
  ...decided: readonly Omit<Condition, 'lastTransitionTime'>[]
): Condition[] {
  return decided.map((condition) => {
    const known = before?.find(({ type }) => type === condition.type)
    const same = known?.status === condition.status
    return { ...condition, lastTransitionTime: same ? known.lastTransitionTime : rfc3339(now) }
  })
}

/** Whole seconds: the API stores no more. */
export function rfc3339(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}
