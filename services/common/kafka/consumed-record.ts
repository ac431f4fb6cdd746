export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A record as it came from Kafka: its bytes are not checked yet. */
export interface ConsumedRecord extends TopicPartition {
  /** The topic's id, which differs for another topic of that name; undefined where the brokers report no ids. */
  readonly topicId?: string | undefined
  readonly offset: bigint
  /** The time at which its broker appended it, in milliseconds since 1970; absent for a record that was put aside. */
  readonly timestampMs?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** The headers by name, which was read as UTF-8; a repeated header is a list. */
  readonly headers: Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>>
  /**
   * Set if the record stands for a whole batch that cannot be read. Its value is everything behind the batch's
   * header, still compressed, and its offset is the last one of the batch.
   */
  readonly unreadable?: UnreadableBatch
  /** Whether this is only the beginning of a record that was put aside. */
  readonly isPartial?: boolean
}

/** The offsets of a batch, and the reason for which its records cannot be read. */
export interface UnreadableBatch {
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  /** The number of records in its header. */
  readonly records: number
  readonly error: string
}

export type HeaderValue = Buffer | string | null

/** The records of one partition that one fetch brought. */
export interface FetchedBatch extends TopicPartition {
  /** The id of the topic that they came from; undefined where the brokers report no ids. */
  readonly topicId?: string | undefined
  /** The offset that was asked for; the records, in order, begin there or at the next offset that the log has. */
  readonly begin: bigint
  /** One past the last offset. */
  readonly end: bigint
  /** One past the last offset that consumers may see, as of the fetch. */
  readonly highWatermark: bigint
  readonly records: readonly ConsumedRecord[]
  /** The time at which they arrived, in milliseconds since 1970. */
  readonly receivedAtMs: number
  /** Whether it is no longer this member's to handle: the partition was sought elsewhere, or the group expelled it. */
  isStale(): boolean
  /** Sets the offset at which the next fetch begins. */
  resolve(nextOffset: bigint): void
}
