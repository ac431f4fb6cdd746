import {
  type Discarding,
  type DiscardOutcome,
  type Handled,
  OutcomeContradictedError,
  type ReceivedMessage,
} from '@boxoffice/common/inbox/message-handler.ts'
import {
  RefundPointCommandSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { discardRefund, discardUse } from '../domain/discard.ts'
import { contradictionOf } from '../domain/wallet.ts'
import { lockBooks, recordDebit, saveBooks } from '../storage/books.ts'
import { pointRefunded, pointUsed } from './answers.ts'
import { toRequest } from './to-request.ts'

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
  const request = toRequest(message)
  const { userId, paymentId } = request
  const books = await lockBooks(em, [userId], [paymentId])
  const known = books.debits.get(paymentId)
  // Nothing of what it says is on record: it is given up without an answer.
  if (outcome === 'REFUSED' && contradictionOf(known, request) !== undefined) return { outbox: [] }
  const isUse = message.type === UsePointCommandSchema.typeName
  const debit = (isUse ? discardUse : discardRefund)(known, request, outcome)
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
