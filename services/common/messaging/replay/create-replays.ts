import { readAllPositions } from '../inbox/positions/positions.ts'
import type { MessageHandler } from '../message/message-handler.ts'
import type { ReceivedMessage } from '../message/received-message.ts'
import { requireUuid } from '../message/require-field.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { type CancelReplay, cancelReplay } from './cancel-replay.ts'
import { findTargets, type ReplayedConsumer } from './find-targets.ts'
import { type PlannedPartition, planUnlessAhead } from './plan-replay.ts'
import type { ReplayRange } from './replay-range.ts'
import { readReplay, type StoredReplay } from './replay-rows.ts'
import { type StartReplay, startReplay } from './start-replay.ts'

/** The options of the consumer, as `startConsumer` takes them. */
export interface ReplaysOptions<Tx extends Sql, Message extends ReceivedMessage = ReceivedMessage>
  extends ReplayedConsumer {
  readonly handler: MessageHandler<Tx, Message>
  readonly database: SqlDatabase<Tx>
}

/** The replays of a consumer: it reads again what it has read before, and what is known has no second effect. */
export interface Replays<Tx extends Sql = Sql> {
  /**
   * Returns what a start would read again now, and changes nothing. Partitions from which nothing would be read are
   * left out.
   *
   * @throws MessagingError FIELD_VIOLATION, CONSUMER_NOT_FOUND, REPLAY_FROM_FUTURE
   * @throws InvalidOffsetsError if offsets name no partition, or one twice
   * @throws KafkaAwayError if Kafka does not answer
   */
  plan(range: ReplayRange): Promise<PlannedPartition[]>
  /**
   * Moves the positions of the consumer back, in one transaction with the replay that counts what follows.
   *
   * @throws MessagingError REPLAY_RUNNING, and all that `plan` throws
   */
  start(request: StartReplay<Tx>): Promise<StoredReplay>
  /** @throws MessagingError FIELD_VIOLATION, REPLAY_NOT_FOUND */
  read(replayId: string): Promise<StoredReplay>
  /**
   * Lets the consumer go on from where it was before the replay. No record is skipped by that: this database had
   * processed, or put aside, everything before that place. A replay that has ended stays as it is.
   *
   * @throws MessagingError FIELD_VIOLATION, REPLAY_NOT_FOUND
   */
  cancel(request: CancelReplay<Tx>): Promise<StoredReplay>
}

/**
 * @example
 * ```ts
 * const replays = createReplays({ name: 'billing', kafka, database, handler })
 * const range = { consumer: 'billing', topics: [], from: { case: 'time', value: yesterday } } as const
 * console.log(await replays.plan(range))
 * const { replayId } = await replays.start({ replayId: randomUUID(), range, asked: 'since yesterday', subject: 'ann' })
 * const { phase, reread, known, effective } = await replays.read(replayId)
 * ```
 */
export function createReplays<Tx extends Sql, Message extends ReceivedMessage>(
  options: ReplaysOptions<Tx, Message>,
): Replays<Tx> {
  const { name, database } = options
  return {
    async plan(range) {
      const targets = await findTargets(options, range, Date.now())
      const positions = await database.transaction((tx) => readAllPositions(tx, name))
      return planUnlessAhead(range.from, targets, positions)
    },
    start: (request) => startReplay(options, request),
    async read(replayId) {
      requireUuid('replayId', replayId)
      const options = { readOnly: true, isolationLevel: 'repeatable read' } as const
      return await database.transaction((tx) => readReplay(tx, replayId), options)
    },
    cancel: (request) => cancelReplay(database, request),
  }
}
