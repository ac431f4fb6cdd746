export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A record as it came from Kafka: nothing about its bytes is known yet. */
export interface ConsumedRecord extends TopicPartition {
  /** The topic's id, which tells it from another one of that name; undefined where the brokers tell none. */
  readonly topicId?: string | undefined
  readonly offset: bigint
  /** When its broker appended it, in milliseconds since 1970; absent of a record that was put aside. */
  readonly timestampMs?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** By name, which was read as UTF-8; a repeated header is a list. */
  readonly headers: Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>>
  /**
   * Set of a whole batch that cannot be read: its value is what came behind the batch's header, compressed as it was, and its offset
   * is the batch's last one.
   */
  readonly unreadable?: UnreadableBatch
  /** Whether this is only the beginning of one that was put aside. */
  readonly isPartial?: boolean
}

/** The offsets that a batch takes, and why its records cannot be read. */
export interface UnreadableBatch {
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  /** How many records it says that it has. */
  readonly records: number
  readonly error: string
}

export type HeaderValue = Buffer | string | null

/** The records of one partition that one fetch brought. */
export interface FetchedBatch extends TopicPartition {
  /** The id of the topic that they came from; undefined where the brokers tell none. */
  readonly topicId?: string | undefined
  /** The offset that was asked for; the records, in their order, begin there or where the log next has one. */
  readonly begin: bigint
  /** One past the last offset. */
  readonly end: bigint
  /** One past the last offset that consumers may see, as of the fetch. */
  readonly highWatermark: bigint
  readonly records: readonly ConsumedRecord[]
  /** When they were here, in milliseconds since 1970. */
  readonly receivedAtMs: number
  /** Whether this is no longer ours to handle: the partition was sought elsewhere, or the group turned us away. */
  isStale(): boolean
  /** Says where the next fetch begins. */
  resolve(nextOffset: bigint): void
}
