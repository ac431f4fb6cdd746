import type { Condition, Kind, Resource } from '../kubernetes/resource.ts'

export const consumerGroupKind: Kind = {
  apiVersion: 'boxoffice.dev/v1alpha1',
  kind: 'ConsumerGroup',
  plural: 'consumergroups',
}

/** A Kafka consumer group, as this operator shows it. */
export interface ConsumerGroupResource extends Resource {
  readonly spec: { readonly group: string }
  readonly status?: ConsumerGroupStatus
}

export interface ConsumerGroupStatus {
  readonly observedGeneration: number
  /** Kafka's name of the state: Stable, PreparingRebalance, CompletingRebalance, Empty. */
  readonly state: string
  readonly memberCount: number
  readonly members: readonly MemberStatus[]
  readonly topics: readonly string[]
  /** `topics` in one line, for `kubectl get`. */
  readonly topicList: string
  /** The number of records that are not committed yet. */
  readonly lag: number
  /** The age of the oldest of these records; written again when it is a twentieth off. */
  readonly lagSeconds: number
  /** The time since which that record has been in its topic; always exact. Absent without lag. */
  readonly oldestUnreadTime?: string
  readonly partitions: readonly PartitionStatus[]
  /** Absent for a group that no service has. */
  readonly deadLetters?: DeadLetterStatus
  readonly conditions: readonly Condition[]
}

export interface MemberStatus {
  readonly memberId: string
  readonly clientId: string
  readonly host: string
  /** The name of the pod with that address. */
  readonly pod?: string
  /** `point-commands: 0-5, 7`. */
  readonly partitions: readonly string[]
}

/** Offsets are numbers in JSON; the API server keeps them as int64. */
export interface PartitionStatus {
  readonly topic: string
  readonly partition: number
  readonly committedOffset?: number
  readonly endOffset: number
  readonly lag: number
}

export interface DeadLetterStatus {
  readonly count: number
  /** The time at which the oldest one was put aside. */
  readonly oldestTime?: string
}

/** The name of a group's resource. An id with capitals or underscores is no valid name: it is changed, with a hash. */
export function resourceNameOf(groupId: string, hash: (text: string) => string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?$/.test(groupId) && !/\.[.-]|-\./.test(groupId)) return groupId
  const plain = groupId
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 200)
  return `${plain === '' ? 'group' : plain.replace(/-+$/, '')}-${hash(groupId).slice(0, 10)}`
}
