// What the API answers, and the page shows. Amounts and offsets past 2^53 are text.

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
  /** Which invariants it breaks; null while that has not been judged. */
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
  /** The value as it is, in base64, where it cannot be decoded. */
  readonly bytes: string | null
  readonly problem: string | null
  /** When it was made, published, and read here. */
  readonly madeTime: string
  readonly publishedTime: string
  readonly recordedTime: string
}

export interface PaymentTimeline {
  readonly payment: PaymentSummary | null
  /** In the order of causes. */
  readonly messages: readonly TrailMessage[]
  /** Up to where the trail had been read: what comes later comes by the stream. */
  readonly position: string
}

export interface PaymentList {
  readonly payments: readonly PaymentSummary[]
  readonly position: string
  /** Continues the list behind its last payment; null at its end. */
  readonly next: string | null
}

/** One message of the stream: what has just been read, in short. */
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

/** A reservation as an event tells of it. What else has become of its seats is told by the events of other reservations. */
export interface SeatChange {
  readonly concertId: string
  readonly reservationId: string
  /** Counts the reservation's changes. That its hold lapsed is none: EXPIRED has the version of HELD. */
  readonly version: number
  /** When it took its seats: of two that have had the same one, the later. */
  readonly createTime: string
  readonly seats: readonly string[]
  readonly status: string
  readonly userId: string
}

/** How things stand, once a second. */
export interface Overview {
  readonly time: string
  readonly checkouts: {
    readonly perSecond: number
    /** Accepted in each of the last 60 seconds, oldest first. */
    readonly series: readonly number[]
  }
  /** All that the trail knows of; null while the trail cannot be summed. */
  readonly totals: { readonly accepted: number; readonly completed: number; readonly failed: number } | null
  readonly inFlight: { readonly pending: number; readonly processing: number; readonly refunding: number }
  /** Payments that have been open for longer than any timeout of the system explains; null while that has not been read. */
  readonly stuck: number | null
  /** From accepted to final, of payments that became final in the last minute; milliseconds. */
  readonly latency: {
    readonly count: number
    readonly p50: number
    readonly p95: number
    readonly p99: number
  } | null
  /** What each hop is made of, over all hops of the last minute. Without those of which nothing is known. */
  readonly parts: readonly HopPart[]
  readonly hops: readonly Hop[]
  readonly outbox: readonly { readonly service: string; readonly oldestSeconds: number | null }[]
  readonly groups: readonly {
    readonly group: string
    readonly lag: number | null
    /** Topics that were deleted and created again: it reads nothing of them until an operator accepts them. */
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
  /** From the append at the broker to the consumer's process, which fetches again when it is done with what it has. */
  | 'broker'
  /** From there to the transaction. */
  | 'wait'
  /** From there to the commit; of each transaction, whatever it handles. */
  | 'handler'

/** How long one step of a checkout takes, at the median; milliseconds. */
export interface Hop {
  readonly type: string
  /** From its cause on Kafka to the moment in which it was made: broker, waiting for the consumer, and handler. */
  readonly handledMs: number | null
  /** From there until its relay had it published. */
  readonly outboxMs: number
}

export interface Books {
  /** Everything that was told before this has been read. */
  readonly readThrough: string | null
  /** From when on the trail has everything; null if from the beginning, or if that is unknown. */
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
    /** Payments or wallets that break it, some of them. */
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

/** What building the trail anew would do. */
export interface RebuildOutlook {
  /** Records that the topics hold, and that would be read. */
  readonly records: number
  /** Records of the trail that the topics no longer hold. */
  readonly lost: number
  /** The latest rebuilds, the newest first. */
  readonly rebuilds: readonly Rebuild[]
}

/** What is kept of a rebuild for good. */
export interface Rebuild {
  /** Who asked for it. */
  readonly subject: string
  readonly requestTime: string
  /** Records that the trail had. */
  readonly records: number
  /** Of them those that the topics no longer held. */
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
