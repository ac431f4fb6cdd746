/** The times of a consumer group's member, each in milliseconds. */
export interface GroupTimes {
  /** A member that has died or hangs loses its partitions after this. At least the broker's 6 s. */
  readonly sessionTimeoutMs: number
  /** How soon a member hears of a rebalance; a third of the session at most, so that one lost heartbeat is no death. */
  readonly heartbeatIntervalMs: number
  /** How long a rebalance waits for members that are in a transaction. */
  readonly rebalanceTimeoutMs: number
  /**
   * How long an idle fetch waits at the broker. New records are answered at once; rebalances and stopping wait for it, and
   * an idle process wakes for it.
   */
  readonly maxWaitMs: number
  /** How long brokers that do not answer hold up a stop; the group forgets the member after its session then. */
  readonly leaveTimeoutMs: number
}

export const defaultGroupTimes: GroupTimes = {
  sessionTimeoutMs: 8_000,
  heartbeatIntervalMs: 1_000,
  rebalanceTimeoutMs: 10_000,
  maxWaitMs: 500,
  leaveTimeoutMs: 2_500,
}
