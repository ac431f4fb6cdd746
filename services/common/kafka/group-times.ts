/** The times of a consumer group's member, in milliseconds. */
export interface GroupTimes {
  /** The time after which a member that has died or hangs loses its partitions. At least the broker's 6 s. */
  readonly sessionTimeoutMs: number
  /** The interval at which a member learns of a rebalance: at most a third of the session, so that one may be lost. */
  readonly heartbeatIntervalMs: number
  /** The time that a rebalance waits for members that are in a transaction. */
  readonly rebalanceTimeoutMs: number
  /**
   * The time that an idle fetch waits at the broker. New records are answered at once. Rebalances and a stop wait
   * for it, and an idle process wakes up for it.
   */
  readonly maxWaitMs: number
  /**
   * The time that brokers without an answer hold up a stop; after it the group waits for the member's session to end.
   */
  readonly leaveTimeoutMs: number
}

export const defaultGroupTimes: GroupTimes = {
  sessionTimeoutMs: 8_000,
  heartbeatIntervalMs: 1_000,
  rebalanceTimeoutMs: 10_000,
  maxWaitMs: 500,
  leaveTimeoutMs: 2_500,
}
