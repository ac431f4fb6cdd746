import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import {
  type GetBalanceRequest,
  type GetBalanceResponse,
  GetBalanceResponseSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { readBalance } from '../use-cases/read-balance.ts'

/** GetBalance: the caller's balance in points. */
export function getBalance(database: Database) {
  return async (_request: GetBalanceRequest, call: CallContext): Promise<GetBalanceResponse> => {
    const balance = await readBalance(database, call.subject)
    if (balance === undefined) {
      throw apiError(
        Code.NOT_FOUND,
        ErrorReason.WALLET_NOT_FOUND,
        'you have no wallet; the first charge makes one',
      )
    }
    return create(GetBalanceResponseSchema, { balance })
  }
}
