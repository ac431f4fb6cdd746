import { askKafka, type Kafka, topicRanges } from '@boxoffice/kafka'
import type { MessageHandler } from '../../message/message-handler.ts'
import { MessagingError } from '../../message/messaging-error.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'
import { requireConsumer } from '../../message/require-consumer.ts'
import { refuse } from '../../message/require-field.ts'
import { requireTopic } from '../../replay/find-targets.ts'
import { isRepeated, type RepeatableChange } from '../../sql/repeatable-change.ts'
import type { Sql, SqlDatabase } from '../../sql/sql.ts'
import { lockPositions } from '../positions/positions.ts'
import { type ConsumerState, readConsumer } from '../watching/read-consumer.ts'
import { acceptTopic } from './accept-topic.ts'

/** The options of the consumer, as `startConsumer` takes them. */
export interface PositionsOptions<Tx extends Sql, Message extends ReceivedMessage = ReceivedMessage> {
  /** The name of the consumer, which is its Kafka group. */
  readonly name: string
  readonly handler: MessageHandler<Tx, Message>
  readonly database: SqlDatabase<Tx>
  readonly kafka: Kafka
}

export interface AcceptTopic<Tx extends Sql> extends RepeatableChange<Tx> {
  readonly consumer: string
  readonly topic: string
  /** Whether the consumer reads what the topic holds already. */
  readonly from: 'earliest' | 'end'
}

/** The stored positions of a consumer: what it reads next in each partition. */
export interface Positions<Tx extends Sql = Sql> {
  /** Reads where the consumer is and how far it is behind. @throws KafkaAwayError if Kafka does not answer */
  read(): Promise<ConsumerState>
  /**
   * Moves the positions from a topic that was deleted into the one that was created under its name. The consumer
   * reads nothing of that before: an offset in the former topic says nothing in the new one.
   *
   * @throws MessagingError FIELD_VIOLATION, CONSUMER_NOT_FOUND; TOPIC_NOT_RECREATED if the positions are in the topic that has the
   * name
   * @throws KafkaAwayError if Kafka does not answer
   */
  acceptTopic(request: AcceptTopic<Tx>): Promise<ConsumerState>
}

/**
 * @example
 * ```ts
 * const positions = createPositions({ name: 'billing', kafka, database, handler })
 * for (const { topic, partition, lag } of (await positions.read()).partitions) console.log(topic, partition, lag)
 * ```
 */
export function createPositions<Tx extends Sql, Message extends ReceivedMessage>(
  options: PositionsOptions<Tx, Message>,
): Positions<Tx> {
  return {
    read: () => readConsumer(options),
    async acceptTopic(request) {
      await moveIntoTopic(options, request)
      return await readConsumer(options)
    },
  }
}

async function moveIntoTopic<Tx extends Sql, Message extends ReceivedMessage>(
  options: PositionsOptions<Tx, Message>,
  request: AcceptTopic<Tx>,
): Promise<void> {
  const { database, kafka } = options
  const { consumer, topic, from } = request
  requireConsumer(options.name, consumer)
  requireTopic(options, topic)
  if (from !== 'earliest' && from !== 'end') refuse('from', from, 'earliest or end')
  const { topicId, ranges } = await askKafka(kafka, (admin) => topicRanges(admin, topic))
  const begins = new Map(
    [...ranges].map(([partition, { begin, end }]) => [partition, from === 'end' ? end : begin]),
  )
  await database.transaction(async (tx) => {
    if (await isRepeated(tx, request)) return
    if (topicId === undefined) throw notRecreated(`Kafka does not say whether ${topic} was created again`)
    await lockPositions(tx)
    if (!(await acceptTopic(tx, { consumer, topic, topicId, begins })))
      throw notRecreated(
        `${topic} was not created again since ${consumer} has read it: there is nothing to accept`,
      )
  })
}

function notRecreated(message: string): Error {
  return new MessagingError('TOPIC_NOT_RECREATED', message)
}
