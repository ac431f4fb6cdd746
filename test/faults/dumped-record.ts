import type { Seen } from './load/watch.ts'

/** A record as it is stored in Kafka. */
export interface DumpedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** Distinguishes the topic from former topics of the same name. */
  readonly topicId: string
  /** Hexadecimal; null without a key. */
  readonly key: string | null
  /** Empty if the record has none. */
  readonly messageId: string
  readonly type: string
  readonly digest: string
  /** Whether the harness wrote it as a record that no consumer can read. */
  readonly poison: boolean
  /** Set if its topic was deleted before the record was read. */
  readonly isUnread?: true
  /** Only in records of payment-events. */
  readonly payment?: Seen
}
