import { positionCursor } from '@boxoffice/common/grpc/cursor.ts'
import { cutPage, readPage } from '@boxoffice/common/grpc/page.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type ListPointTransactionsRequest,
  ListPointTransactionsRequestSchema,
  type ListPointTransactionsResponse,
  ListPointTransactionsResponseSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toPointTransaction } from '../contract/to-point-transaction.ts'
import { listLedger } from '../use-cases/list-ledger.ts'

/** ListPointTransactions: the caller's ledger, newest first. */
export function listPointTransactions(database: Database) {
  return async (
    request: ListPointTransactionsRequest,
    { subject }: CallContext,
  ): Promise<ListPointTransactionsResponse> => {
    const page = await readPage(ListPointTransactionsRequestSchema, request, {
      database,
      subject,
      cursor: positionCursor,
    })
    const found = await listLedger(database, {
      userId: subject,
      before: page.after,
      limit: page.size + 1,
    })
    const { rows, nextPageToken } = cutPage(page, found, (row) => row.position)
    return create(ListPointTransactionsResponseSchema, {
      transactions: rows.map(toPointTransaction),
      nextPageToken,
    })
  }
}
