import type { OutboxMessage } from '@boxoffice/messaging'
import { continueTrace } from '@boxoffice/messaging/telemetry'
import { createMessage } from '@boxoffice/messaging-protobuf'
import { PointsChargedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { LedgerEntry } from '../domain/wallet.ts'

/** Reports that a user has charged the wallet. */
export function pointsChargedMessage(
  call: { readonly transactionId: string; readonly requestId: string; readonly traceparent: string },
  entry: LedgerEntry,
): OutboxMessage {
  const time = new Date()
  return createMessage({
    schema: PointsChargedEventSchema,
    body: create(PointsChargedEventSchema, {
      transactionId: call.transactionId,
      userId: entry.userId,
      requestId: call.requestId,
      amount: entry.amount,
      balance: entry.balance,
      time: timestampFromDate(time),
    }),
    time,
    traceparent: continueTrace(call.traceparent),
  })
}
