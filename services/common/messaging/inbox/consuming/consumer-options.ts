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
  /** The service, as in `shop/billing`: it stands in the dead letters' headers. */
  readonly source: string
  /** Nothing is written without it. A pino logger is one. */
  readonly log?: Logger | undefined
  /** Nothing is counted without it. */
  readonly metrics?: Metrics | undefined
  readonly tracer?: Tracer | undefined
  readonly settings?: Partial<ConsumerSettings>
  /** What the handler's topics hold, where others look as well; its own looks without. */
  readonly look?: () => Promise<TopicLook>
  /** Told from time to time whether nothing moves though there is something to read, and no error says why. Must not throw. */
  readonly onStalled?: (fault: string | undefined) => void
  /** Called right before and after each commit, for tests that end the process there. */
  readonly onStep?: ((step: ConsumerStep) => void) | undefined
}
