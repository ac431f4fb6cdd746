import { timeAndIdCursor } from '@boxoffice/common/grpc/cursor.ts'
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
import { listPayments } from '../use-cases/list-payments.ts'

/** ListPayments: the caller's payments, newest first, each with its history. */
export function listOwnPayments(database: Pick<Database, 'em'>) {
  return async (request: ListPaymentsRequest, { subject }: CallContext): Promise<ListPaymentsResponse> => {
    const page = await readPage(ListPaymentsRequestSchema, request, {
      database,
      subject,
      cursor: timeAndIdCursor,
    })
    const { payments, nextPageToken } = await listPayments(
      database,
      { userId: subject, before: page.after, limit: page.size + 1 },
      (found) => cutPage(page, found, ({ createdAt, paymentId }) => ({ time: createdAt, id: paymentId })),
    )
    return create(ListPaymentsResponseSchema, { payments: payments.map(historyMessage), nextPageToken })
  }
}
