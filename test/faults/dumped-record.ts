import type { Seen } from './load/watch.ts'

/** A record as it stands in Kafka. */
export interface DumpedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** Tells the topic from others that had its name. */
  readonly topicId: string
  /** Hexadecimal; null without a key. */
  readonly key: string | null
  /** Empty without one. */
  readonly messageId: string
  readonly type: string
  readonly digest: string
  /** Written by the harness, for no consumer to read. */
  readonly poison: boolean
  /** Whether it went with its topic before it was read. */
  readonly isUnread?: true
  /** Of payment-events. */
  readonly payment?: Seen
}
