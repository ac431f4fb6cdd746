import { defaultGroupTimes, type GroupTimes } from '@boxoffice/kafka'

export interface ConsumerSettings extends GroupTimes {
  /** Messages that share one transaction, at most. */
  readonly poolMessagesMax: number
  /** Bytes of keys and values that share one transaction, at most; one message may be larger. */
  readonly poolBytesMax: number
  /** How often a message whose handler throws is tried in isolation before it is put aside. */
  readonly attemptsMax: number
  /** The recent messages of a partition by which it is judged: when more than half of them are poison, its circuit opens. */
  readonly poisonWindow: number
  /** How long an open circuit cools down before one more message is tried; doubles each time that is poison too. */
  readonly coolDownBaseMs: number
  readonly coolDownCapMs: number
  /** The first wait after an error that a retry can help; it doubles, with jitter. */
  readonly retryBaseMs: number
  readonly retryCapMs: number
  /** A longer wait gives the fetch back, so that the broker's other partitions flow meanwhile. */
  readonly retryHoldMaxMs: number
  /** How far apart Kafka's committed offsets follow the stored positions, at least. */
  readonly offsetCommitIntervalMs: number
  /** How long a stored position may stay behind records that were only passed over. */
  readonly positionStoreIntervalMs: number
  /**
   * For how long a partition may be behind and not move before it counts as stopped. Longer than a transaction takes to fail and
   * `retryCapMs` together, or a partition that is tried again looks like one that hangs.
   */
  readonly stuckMs: number
  /** How soon a position that was moved in the database is noticed where no records come. */
  readonly positionCheckIntervalMs: number
}

export const defaultConsumerSettings: ConsumerSettings = {
  ...defaultGroupTimes,
  poolMessagesMax: 500,
  poolBytesMax: 4 * 1024 * 1024,
  attemptsMax: 3,
  poisonWindow: 20,
  coolDownBaseMs: 5_000,
  coolDownCapMs: 300_000,
  retryBaseMs: 50,
  retryCapMs: 5_000,
  retryHoldMaxMs: 200,
  offsetCommitIntervalMs: 1_000,
  positionStoreIntervalMs: 1_000,
  stuckMs: 60_000,
  positionCheckIntervalMs: 1_000,
}
