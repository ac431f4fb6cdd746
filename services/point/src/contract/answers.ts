import type { OutboxMessage, ReceivedMessage } from '@boxoffice/messaging'
import { causedBy } from '@boxoffice/messaging-protobuf'
import {
  PointRefundedEventSchema,
  PointRefusal,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { Debit } from '../domain/wallet.ts'

/** The content of the answer to a command. */
export interface Answer {
  readonly debit: Debit
  /** The balance after the command; 0 without a wallet. */
  readonly balance: bigint
  readonly time: Date
}

/** Answers a UsePointCommand with the decision for its payment. */
export function pointUsed(command: ReceivedMessage, { debit, balance, time }: Answer): OutboxMessage {
  const { paymentId, userId, amount, refusal } = debit
  return causedBy(command, {
    schema: PointUsedEventSchema,
    body: create(PointUsedEventSchema, {
      paymentId,
      userId,
      amount,
      success: refusal === null,
      refusal: refusal === null ? PointRefusal.UNSPECIFIED : PointRefusal[refusal],
      balance,
      time: timestampFromDate(time),
    }),
    time,
  })
}

/** Answers a RefundPointCommand with the points that were refunded. */
export function pointRefunded(command: ReceivedMessage, { debit, balance, time }: Answer): OutboxMessage {
  const { paymentId, userId, refunded } = debit
  return causedBy(command, {
    schema: PointRefundedEventSchema,
    body: create(PointRefundedEventSchema, {
      paymentId,
      userId,
      amount: refunded ?? 0n,
      balance,
      time: timestampFromDate(time),
    }),
    time,
  })
}
