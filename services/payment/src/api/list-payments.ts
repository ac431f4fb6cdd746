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
import { PaymentEntity } from '../storage/entities.ts'
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
        ...(page.cursor === undefined ? {} : { position: { $lt: BigInt(page.cursor) } }),
      },
      { orderBy: { position: 'desc' }, limit: page.size + 1 },
    )
    const { rows, nextPageToken } = cutPage(page, found, (row) => String(row.position))
    const payments = await withHistory(em, rows)
    return create(ListPaymentsResponseSchema, { payments: payments.map(historyMessage), nextPageToken })
  }
}
