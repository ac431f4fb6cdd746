import {
  type Discarding,
  type DiscardOutcome,
  type Handled,
  OutcomeContradictedError,
  type ReceivedMessage,
} from '@boxoffice/common/inbox/message-handler.ts'
import {
  type RefundPointCommand,
  RefundPointCommandSchema,
  type UsePointCommand,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { discardRefund, discardUse } from '../domain/discard.ts'
import { lockBooks, recordDebit, saveBooks } from '../storage/books.ts'
import { pointRefunded, pointUsed } from './answers.ts'

/** Both commands carry money; what is recorded of one that is given up is its answer from then on. */
export const discardingCommands: Discarding = {
  schemas: [UsePointCommandSchema, RefundPointCommandSchema],
  discard: discardCommand,
}

async function discardCommand(
  em: EntityManager,
  message: ReceivedMessage,
  outcome: DiscardOutcome,
): Promise<Handled> {
  const command = message.body as UsePointCommand | RefundPointCommand
  const { userId, paymentId } = command
  const books = await lockBooks(em, [userId], [paymentId])
  const isUse = message.type === UsePointCommandSchema.typeName
  const debit = (isUse ? discardUse : discardRefund)(books.debits.get(paymentId), command, outcome)
  if (debit === undefined) {
    const effect = isUse ? 'a debit' : 'a refund'
    throw new OutcomeContradictedError(
      `${outcome} contradicts the books: for ${effect} of payment ${paymentId} they say otherwise`,
    )
  }
  recordDebit(books, debit)
  await saveBooks(em, books)
  const answer = isUse ? pointUsed : pointRefunded
  return { outbox: [answer(books, message, debit, new Date())] }
}
