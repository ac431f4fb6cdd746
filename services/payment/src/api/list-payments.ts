import { cutPage, readPage } from '@boxoffice/common/grpc/page.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type ListPaymentsRequest,
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
    const page = readPage(request, { method: 'ListPayments', subject })
    const em = database.em()
    const found = await em.find(
      PaymentEntity,
      {
        userId: subject,
        ...(page.cursor === undefined ? {} : olderThan(page.cursor)),
      },
      { orderBy: { createdAt: 'desc', paymentId: 'desc' }, limit: page.size + 1 },
    )
    const { rows, nextPageToken } = cutPage(page, found, cursorOf)
    const payments = await withHistory(em, rows)
    return create(ListPaymentsResponseSchema, { payments: payments.map(historyMessage), nextPageToken })
  }
}

/** Time and id: payments that were accepted together share their time. */
function cursorOf({ createdAt, paymentId }: PaymentRow): string {
  return `${createdAt.toISOString()}/${paymentId}`
}

function olderThan(cursor: string) {
  const [time = '', paymentId = ''] = cursor.split('/')
  const createdAt = new Date(time)
  return {
    // By itself, so that a page begins in the index where the last one ended, however far down the list that is.
    createdAt: { $lte: createdAt },
    $or: [{ createdAt: { $lt: createdAt } }, { paymentId: { $lt: paymentId } }],
  }
}
