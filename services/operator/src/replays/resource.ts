import type { Condition, Kind, Resource } from '../kubernetes/resource.ts'

export const replayKind: Kind = {
  apiVersion: 'boxoffice.dev/v1alpha1',
  kind: 'Replay',
  plural: 'replays',
}

/** Keeps a replay's resource until what it has started is cancelled. */
export const replayFinalizer = 'boxoffice.dev/cancel-replay'

/** The wish that a consumer group reads its past again. */
export interface ReplayResource extends Resource {
  readonly spec: ReplaySpec
  readonly status?: ReplayStatus
}

export interface ReplaySpec {
  readonly group: string
  /** All of the group's when absent. */
  readonly topics?: readonly string[]
  /** Exactly one of them is set; the CRD sees to it. */
  readonly from: { readonly earliest?: true; readonly time?: string; readonly offset?: number }
  readonly dryRun?: boolean
}

/**
 * Pending: not looked at, or what it needs does not answer. Starting: from here on it may have been started. Running.
 * The rest is final.
 */
export type ReplayPhase = 'Pending' | 'Starting' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled'

export interface ReplayStatus {
  readonly observedGeneration: number
  readonly phase: ReplayPhase
  /** Of the service's own replay. */
  readonly replayId?: string
  /** `42%`, for people. */
  readonly progress?: string
  /** Records that are read again in all. */
  readonly records?: number
  /** What the dry run said, which comes before everything else. */
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
  /** Where the consumer stood: the replay ends before it. */
  readonly untilOffset: number
  readonly endOffset: number
  readonly records: number
  /** Offsets that retention has removed already. */
  readonly gone: number
}

export interface ReplayReceipt {
  /** Messages that were read again. */
  readonly reread: number
  /** Of these, those that were known already and changed nothing. */
  readonly known: number
  /** Of these, those that were not known, and were handled. */
  readonly effective: number
  /** Of these, those that were put aside as dead letters. */
  readonly putAside: number
}

export function isFinal(phase: ReplayPhase | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Cancelled'
}
