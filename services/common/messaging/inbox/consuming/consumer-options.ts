import type { Kafka, Logger, TopicLook } from '@boxoffice/kafka'
import type { MessageHandler } from '../../message/message-handler.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'
import type { Sql, SqlDatabase } from '../../sql/sql.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Tracer } from '../../telemetry/tracer.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import type { ConsumerStep } from './process-slices.ts'

export interface ConsumerOptions<Tx extends Sql = Sql, Message extends ReceivedMessage = ReceivedMessage> {
  /** The consumer's name in `consumer_position`, `inbox` and `dead_letter`, and its Kafka group. It never changes. */
  readonly name: string
  readonly kafka: Kafka
  readonly database: SqlDatabase<Tx>
  readonly handler: MessageHandler<Tx, Message>
  /** The service that puts records aside, such as `shop/billing`; dead letters carry it in a header. */
  readonly source: string
  /** Without it nothing is logged. A pino logger is one. */
  readonly log?: Logger | undefined
  /** Without it nothing is counted. */
  readonly metrics?: Metrics | undefined
  readonly tracer?: Tracer | undefined
  readonly settings?: Partial<ConsumerSettings>
  /**
   * Looks at what the handler's topics hold, where the caller shares such looks; without it the consumer asks Kafka.
   */
  readonly look?: () => Promise<TopicLook>
  /** Called regularly, with a fault if nothing moves and no error says why, or with undefined. Must not throw. */
  readonly onStalled?: (fault: string | undefined) => void
  /** Called right before and after each commit, for tests that end the process there. */
  readonly onStep?: ((step: ConsumerStep) => void) | undefined
}
