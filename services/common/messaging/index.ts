export { type Consumer, startConsumer } from './inbox/consuming/consumer.ts'
export type { ConsumerOptions } from './inbox/consuming/consumer-options.ts'
export { startInboxPruning } from './inbox/pruning/inbox-pruning.ts'
export type { BodyCodec, Codec } from './message/codec.ts'
export { createCloudEvent, type NewMessage } from './message/create-cloud-event.ts'
export { createCodec } from './message/create-codec.ts'
export { createJsonCodec } from './message/create-json-codec.ts'
export {
  ContradictsRecordError,
  type DiscardOutcome,
  type Handled,
  type MessageHandler,
  OutcomeContradictedError,
} from './message/message-handler.ts'
export { deriveMessageId } from './message/message-id.ts'
export type { MessageType } from './message/message-type.ts'
export { MessagingError } from './message/messaging-error.ts'
export type { OutboxMessage } from './message/outbox-message.ts'
export { PoisonError } from './message/poison.ts'
export type { ReceivedMessage } from './message/received-message.ts'
export { appendToOutbox } from './outbox/append.ts'
export { migrateMessaging } from './schema/migrate-messaging.ts'
export type { Sql, SqlDatabase } from './sql/sql.ts'
