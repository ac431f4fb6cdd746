import type { Condition, Kind, Resource } from '../kubernetes/resource.ts'

export const replayKind: Kind = {
  apiVersion: 'boxoffice.dev/v1alpha1',
  kind: 'Replay',
  plural: 'replays',
}

/** Keeps a replay's resource until its running replay is cancelled. */
export const replayFinalizer = 'boxoffice.dev/cancel-replay'

/** The request that a consumer group reads its past again. */
export interface ReplayResource extends Resource {
  readonly spec: ReplaySpec
  readonly status?: ReplayStatus
}

export interface ReplaySpec {
  readonly group: string
  /** All topics of the group if absent. */
  readonly topics?: readonly string[]
  /** Exactly one of them is set; the CRD enforces it. */
  readonly from: { readonly earliest?: true; readonly time?: string; readonly offset?: number }
  readonly dryRun?: boolean
}

/**
 * Pending: not decided yet, or a service does not answer. Starting: from here on it may have been started. Running.
 * All others are final.
 */
export type ReplayPhase = 'Pending' | 'Starting' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled'

export interface ReplayStatus {
  readonly observedGeneration: number
  readonly phase: ReplayPhase
  /** The id of the service's own replay. */
  readonly replayId?: string
  /** `42%`, for `kubectl get`. */
  readonly progress?: string
  /** The total number of records that are read again. */
  readonly records?: number
  /** The result of the dry run that comes before everything else. */
  readonly partitions?: readonly ReplayPartitionStatus[]
  readonly receipt?: ReplayReceipt
  readonly startTime?: string
  readonly completionTime?: string
  readonly conditions: readonly Condition[]
}

export interface ReplayPartitionStatus {
  readonly topic: string
  readonly partition: number
  /** The first offset that is read again. */
  readonly fromOffset: number
  /** The consumer's position: the replay ends before it. */
  readonly untilOffset: number
  readonly endOffset: number
  readonly records: number
  /** The number of offsets that retention has already removed. */
  readonly gone: number
}

export interface ReplayReceipt {
  /** The number of messages that were read again. */
  readonly reread: number
  /** Of these, the number that were known already and changed nothing. */
  readonly known: number
  /** Of these, the number that were not known, and were handled. */
  readonly effective: number
  /** Of these, the number that were put aside as dead letters. */
  readonly putAside: number
}

export function isFinal(phase: ReplayPhase | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Cancelled'
}
