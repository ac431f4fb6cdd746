import { causedBy } from '@boxoffice/common/inbox/caused-by.ts'
import type { ReceivedMessage } from '@boxoffice/common/inbox/message-handler.ts'
import type { OutboxMessage } from '@boxoffice/common/outbox/outbox-message.ts'
import {
  PointRefundedEventSchema,
  PointRefusal,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { Debit } from '../domain/wallet.ts'
import type { Books } from '../storage/books.ts'

/** Answers a UsePointCommand with what was decided for its payment. */
export function pointUsed(books: Books, message: ReceivedMessage, debit: Debit, time: Date): OutboxMessage {
  const { paymentId, userId, amount, refusal } = debit
  return causedBy(message, {
    schema: PointUsedEventSchema,
    body: create(PointUsedEventSchema, {
      paymentId,
      userId,
      amount,
      success: refusal === null,
      refusal: refusal === null ? PointRefusal.UNSPECIFIED : PointRefusal[refusal],
      balance: books.wallets.get(userId)?.balance ?? 0n,
      time: timestampFromDate(time),
    }),
    time,
  })
}

/** Answers a RefundPointCommand with what came back. */
export function pointRefunded(
  books: Books,
  message: ReceivedMessage,
  debit: Debit,
  time: Date,
): OutboxMessage {
  const { paymentId, userId, refunded } = debit
  return causedBy(message, {
    schema: PointRefundedEventSchema,
    body: create(PointRefundedEventSchema, {
      paymentId,
      userId,
      amount: refunded ?? 0n,
      balance: books.wallets.get(userId)?.balance ?? 0n,
      time: timestampFromDate(time),
    }),
    time,
  })
}
