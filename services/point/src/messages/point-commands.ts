import type { Handled, MessageHandler, ReceivedMessage } from '@boxoffice/common/inbox/message-handler.ts'
import { deriveMessageId } from '@boxoffice/common/outbox/message-id.ts'
import type { OutboxMessage } from '@boxoffice/common/outbox/outbox-message.ts'
import { topicOf } from '@boxoffice/common/outbox/topic-of.ts'
import {
  type RefundPointCommand,
  RefundPointCommandSchema,
  type UsePointCommand,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { refundPoints, usePoints } from '../domain/wallet.ts'
import { type Books, lockBooks, record, saveBooks } from '../storage/books.ts'
import { pointRefunded, pointUsed } from './answers.ts'
import { discardingCommands } from './discard-command.ts'

/** point-commands: debits and refunds, each answered on point-events. */
export const pointCommands: MessageHandler = {
  topics: [topicOf(UsePointCommandSchema)],
  schemas: [UsePointCommandSchema, RefundPointCommandSchema],
  handle: handlePointCommands,
  discarding: discardingCommands,
}

async function handlePointCommands(
  em: EntityManager,
  messages: readonly ReceivedMessage[],
): Promise<Handled> {
  const commands = messages.map((message) => message.body as UsePointCommand | RefundPointCommand)
  const books = await lockBooks(
    em,
    commands.map((command) => command.userId),
    commands.map((command) => command.paymentId),
  )
  const time = new Date()
  const outbox = messages.map((message) => decide(books, message, time))
  await saveBooks(em, books)
  return { outbox }
}

function decide(books: Books, message: ReceivedMessage, time: Date): OutboxMessage {
  return message.type === UsePointCommandSchema.typeName
    ? decideUse(books, message, message.body as UsePointCommand, time)
    : decideRefund(books, message, message.body as RefundPointCommand, time)
}

function decideUse(
  books: Books,
  message: ReceivedMessage,
  command: UsePointCommand,
  time: Date,
): OutboxMessage {
  const { wallets, debits } = books
  const decision = usePoints(wallets.get(command.userId), debits.get(command.paymentId), command)
  record(books, deriveMessageId('DEBIT', command.paymentId), decision)
  return pointUsed(books, message, decision.debit, time)
}

function decideRefund(
  books: Books,
  message: ReceivedMessage,
  command: RefundPointCommand,
  time: Date,
): OutboxMessage {
  const { wallets, debits } = books
  const decision = refundPoints(wallets.get(command.userId), debits.get(command.paymentId), command)
  record(books, deriveMessageId('REFUND', command.paymentId), decision)
  return pointRefunded(books, message, decision.debit, time)
}
