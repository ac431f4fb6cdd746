// The answers of the API, which the page shows. Amounts and offsets past 2^53 are text.

/** A payment as the trail knows it. */
export interface PaymentSummary {
  readonly paymentId: string
  readonly userId: string
  readonly reservationId: string
  readonly amount: string
  readonly status: 'PENDING' | 'PROCESSING' | 'COMPLETED' | 'FAILED'
  readonly failureReason: string | null
  readonly refund: string
  readonly sequence: number
  readonly final: boolean
  readonly createTime: string
  readonly updateTime: string
  /** The invariants that the payment breaks; null while it has not been judged. */
  readonly faults: readonly string[] | null
  readonly seats: readonly string[]
  readonly concertId: string | null
}

/** One record of a topic. */
export interface TrailMessage {
  readonly position: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly messageId: string | null
  readonly causeId: string | null
  readonly paymentId: string | null
  readonly type: string
  readonly source: string
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
  /** The value as protobuf JSON; null if it cannot be decoded. */
  readonly payload: unknown
  /** The raw value in base64, if it cannot be decoded; otherwise null. */
  readonly bytes: string | null
  readonly problem: string | null
  /** When the record was made, published, and read by the console. */
  readonly madeTime: string
  readonly publishedTime: string
  readonly recordedTime: string
}

export interface PaymentTimeline {
  readonly payment: PaymentSummary | null
  /** Ordered so that no message is before its cause. */
  readonly messages: readonly TrailMessage[]
  /** The last position that the answer covers: the stream brings what comes later. */
  readonly position: string
}

export interface PaymentList {
  readonly payments: readonly PaymentSummary[]
  readonly position: string
  /** The parameter that continues the list after its last payment; null at its end. */
  readonly next: string | null
}

/** One message of the stream: the summary of a record that has just been read. */
export interface FeedEvent {
  readonly position: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly type: string
  readonly paymentId: string | null
  readonly madeTime: string
  readonly recordedTime: string
  readonly problem: string | null
  readonly payment?: PaymentSummary
  readonly seats?: SeatChange
}

/** A reservation as its event describes it. Events of other reservations describe what else happens to its seats. */
export interface SeatChange {
  readonly concertId: string
  readonly reservationId: string
  /** Counts the reservation's changes. A hold that lapses is no change: EXPIRED has the version of HELD. */
  readonly version: number
  /** When the reservation took its seats. Of two reservations of one seat, the later one counts. */
  readonly createTime: string
  readonly seats: readonly string[]
  readonly status: string
  readonly userId: string
}

/** The state of the whole system, computed once a second. */
export interface Overview {
  readonly time: string
  readonly checkouts: {
    readonly perSecond: number
    /** The number of accepted checkouts in each of the last 60 seconds, oldest first. */
    readonly series: readonly number[]
  }
  /** The numbers of all payments in the trail; null while the trail cannot be summed. */
  readonly totals: { readonly accepted: number; readonly completed: number; readonly failed: number } | null
  readonly inFlight: { readonly pending: number; readonly processing: number; readonly refunding: number }
  /** The number of payments that have been open for longer than any timeout explains; null while that is unknown. */
  readonly stuck: number | null
  /** The time from accepted to final, of payments that became final in the last minute; milliseconds. */
  readonly latency: {
    readonly count: number
    readonly p50: number
    readonly p95: number
    readonly p99: number
  } | null
  /** The times of the parts of a hop, over all hops of the last minute. Parts without any measurement are left out. */
  readonly parts: readonly HopPart[]
  readonly hops: readonly Hop[]
  readonly outbox: readonly { readonly service: string; readonly oldestSeconds: number | null }[]
  readonly groups: readonly {
    readonly group: string
    readonly lag: number | null
    /** Topics that were deleted and created again: the group reads nothing of them until an operator accepts them. */
    readonly recreated: readonly string[]
  }[]
  readonly deadLetters: readonly { readonly service: string; readonly count: number | null }[]
  /** Null while the trail cannot be summed. */
  readonly books: Books | null
}

/** How long one part of a hop takes; milliseconds. */
export interface HopPart {
  readonly name: HopPartName
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export type HopPartName =
  /** From the call of a checkout to the commit that accepts it. */
  | 'api'
  /** From a commit to Kafka's acknowledgement. */
  | 'outbox'
  /**
   * From the append at the broker to the consumer's process, which fetches again when it has handled its last batch.
   */
  | 'broker'
  /** From the consumer's process to the beginning of the transaction. */
  | 'wait'
  /** From the beginning of a transaction to its commit, for every transaction of the consumer. */
  | 'handler'

/** How long one step of a checkout takes, at the median; milliseconds. */
export interface Hop {
  readonly type: string
  /** From the publishing of its cause to the creation of the message: broker, wait for the consumer, and handler. */
  readonly handledMs: number | null
  /** From the creation of the message until its relay has published it. */
  readonly outboxMs: number
}

export interface Books {
  /** Everything that was published before this time has been read. */
  readonly readThrough: string | null
  /** The time since which the trail is complete; null if it is complete from the beginning, or if that is unknown. */
  readonly completeSince: string | null
  readonly judged: number
  /** Payments that are in flight. */
  readonly waiting: number
  /** Payments from before the trail was complete: they are not judged. */
  readonly before: number
  readonly invariants: readonly {
    readonly id: string
    readonly text: string
    readonly checked: number
    /** Some of the payments or wallets that break the invariant. */
    readonly broken: readonly string[]
  }[]
  /** Null where the trail does not go back to the first charge. */
  readonly money: {
    readonly charged: string
    readonly inWallets: string
    readonly spent: string
    readonly onTheWay: string
  } | null
}

/** What a rebuild of the trail would do. */
export interface RebuildOutlook {
  /** The number of records in the topics, which would be read. */
  readonly records: number
  /** The number of records in the trail that the topics no longer hold. */
  readonly lost: number
  /** The latest rebuilds, the newest first. */
  readonly rebuilds: readonly Rebuild[]
}

/** The permanent record of a rebuild. */
export interface Rebuild {
  /** The subject of the caller who asked for it. */
  readonly subject: string
  readonly requestTime: string
  /** The number of records that the trail had. */
  readonly records: number
  /** How many of them the topics no longer held. */
  readonly lost: number
}

export interface Me {
  readonly user: string
  readonly roles: readonly string[]
}

export interface GroupView {
  readonly group: string
  readonly state: string
  readonly members: readonly {
    readonly id: string
    readonly client: string
    readonly host: string
    readonly partitions: number
  }[]
  readonly topics: readonly {
    readonly topic: string
    readonly lag: number
    readonly partitions: readonly PartitionLag[]
  }[]
}

export interface PartitionLag {
  readonly partition: number
  readonly committed: string | null
  readonly end: string
  readonly lag: number
}

export interface TopicView {
  readonly topic: string
  readonly partitions: readonly {
    readonly partition: number
    readonly leader: number
    readonly replicas: readonly number[]
    readonly isr: readonly number[]
    readonly begin: string
    readonly end: string
  }[]
}
