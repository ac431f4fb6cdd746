import {
  ContradictsRecordError,
  type Handled,
  type MessageHandler,
  type ReceivedMessage,
} from '@boxoffice/common/inbox/message-handler.ts'
import { deriveMessageId } from '@boxoffice/common/outbox/message-id.ts'
import type { OutboxMessage } from '@boxoffice/common/outbox/outbox-message.ts'
import { topicOf } from '@boxoffice/common/outbox/topic-of.ts'
import {
  RefundPointCommandSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { contradictionOf, type PointRequest, refundPoints, usePoints } from '../domain/wallet.ts'
import { type Books, lockBooks, record, saveBooks } from '../storage/books.ts'
import { pointRefunded, pointUsed } from './answers.ts'
import { discardingCommands } from './discard-command.ts'
import { toRequest } from './to-request.ts'

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
  const commands = messages.map((message) => ({ message, request: toRequest(message) }))
  const books = await lockBooks(
    em,
    commands.map(({ request }) => request.userId),
    commands.map(({ request }) => request.paymentId),
  )
  const time = new Date()
  const outbox = commands.map(({ message, request }) => decide(books, message, request, time))
  await saveBooks(em, books)
  return { outbox }
}

/** @throws ContradictsRecordError if something else is on record of the payment */
function decide(books: Books, message: ReceivedMessage, request: PointRequest, time: Date): OutboxMessage {
  const { wallets, debits } = books
  const { paymentId, userId } = request
  const known = debits.get(paymentId)
  const why = contradictionOf(known, request)
  if (why !== undefined) throw new ContradictsRecordError(why)
  const isUse = message.type === UsePointCommandSchema.typeName
  const decision = (isUse ? usePoints : refundPoints)(wallets.get(userId), known, request)
  record(books, deriveMessageId(isUse ? 'DEBIT' : 'REFUND', paymentId), decision)
  return (isUse ? pointUsed : pointRefunded)(books, message, decision.debit, time)
}
