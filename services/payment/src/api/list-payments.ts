import { type TimeAndId, timeAndIdCursor } from '@boxoffice/common/grpc/cursor.ts'
import { cutPage, readPage } from '@boxoffice/common/grpc/page.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type ListPaymentsRequest,
  ListPaymentsRequestSchema,
  type ListPaymentsResponse,
  ListPaymentsResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { historyMessage } from '../contract/to-proto.ts'
import { PaymentEntity, type PaymentRow } from '../storage/entities.ts'
import { withHistory } from '../storage/read-payments.ts'

/** ListPayments: the caller's payments, newest first, each with its history. */
export function listPayments(database: Database) {
  return async (request: ListPaymentsRequest, { subject }: CallContext): Promise<ListPaymentsResponse> => {
    const page = await readPage(ListPaymentsRequestSchema, request, {
      database,
      subject,
      cursor: timeAndIdCursor,
    })
    const em = database.em()
    const found = await em.find(
      PaymentEntity,
      {
        userId: subject,
        ...(page.after === undefined ? {} : olderThan(page.after)),
      },
      { orderBy: { createdAt: 'desc', paymentId: 'desc' }, limit: page.size + 1 },
    )
    const { rows, nextPageToken } = cutPage(page, found, placeOf)
    const payments = await withHistory(em, rows)
    return create(ListPaymentsResponseSchema, { payments: payments.map(historyMessage), nextPageToken })
  }
}

/** Payments that were accepted together share their time. */
function placeOf({ createdAt, paymentId }: PaymentRow): TimeAndId {
  return { time: createdAt, id: paymentId }
}

function olderThan({ time, id }: TimeAndId) {
  return {
    // By itself, so that a page begins in the index where the last one ended, however far down the list that is.
    createdAt: { $lte: time },
    $or: [{ createdAt: { $lt: time } }, { paymentId: { $lt: id } }],
  }
}
