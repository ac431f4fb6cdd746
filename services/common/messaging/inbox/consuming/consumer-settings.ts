import { defaultGroupTimes, type GroupTimes } from '@boxoffice/kafka'

export interface ConsumerSettings extends GroupTimes {
  /** The most messages in one transaction. */
  readonly poolMessagesMax: number
  /** The most bytes of keys and values in one transaction; a single message may be larger. */
  readonly poolBytesMax: number
  /** The number of times that a message at which the handler throws is tried alone before it is put aside. */
  readonly attemptsMax: number
  /** The number of recent messages that a partition is judged by: if more than half are poison, its circuit opens. */
  readonly poisonWindow: number
  /** The time that an open circuit cools down before one message is tried; doubles each time that is poison too. */
  readonly coolDownBaseMs: number
  readonly coolDownCapMs: number
  /** The first wait after an error that a retry can help; it doubles, with jitter. */
  readonly retryBaseMs: number
  readonly retryCapMs: number
  /** A longer wait gives the fetch back, so that the broker's other partitions flow in the meantime. */
  readonly retryHoldMaxMs: number
  /** The shortest time between two commits of offsets to Kafka. */
  readonly offsetCommitIntervalMs: number
  /** The time that a stored position may stay behind records that were only passed over. */
  readonly positionStoreIntervalMs: number
  /**
   * The time that a partition may be behind without moving before it counts as stopped. It must be longer than a
   * failing transaction and `retryCapMs` together, or a partition that is retried looks like one that hangs.
   */
  readonly stuckMs: number
  /** The interval of the checks whether the position of an idle partition was moved in the database. */
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
