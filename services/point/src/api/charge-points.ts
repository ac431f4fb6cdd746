import { fingerprintOf, requestIdReused } from '@boxoffice/common/grpc/request-id.ts'
import { deriveResourceId } from '@boxoffice/common/grpc/resource-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import {
  type ChargePointsRequest,
  ChargePointsRequestSchema,
  type ChargePointsResponse,
  ChargePointsResponseSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toPointTransaction } from '../contract/to-point-transaction.ts'
import { balanceMax } from '../domain/wallet.ts'
import { createPointCharger } from '../use-cases/charge-points.ts'

/** ChargePoints: adds points to the caller's wallet, once for each request id. */
export function chargePoints(database: Database) {
  const charge = createPointCharger(database)
  return async (request: ChargePointsRequest, call: CallContext): Promise<ChargePointsResponse> => {
    const { requestId, amount } = request
    const outcome = await charge(
      {
        transactionId: deriveResourceId(call.subject, requestId),
        userId: call.subject,
        requestId,
        fingerprint: fingerprintOf(ChargePointsRequestSchema, request),
        amount,
        traceparent: call.traceparent,
      },
      call.signal,
    )
    switch (outcome.outcome) {
      case 'ACCEPTED': {
        const { transaction, balance } = outcome
        return create(ChargePointsResponseSchema, { transaction: toPointTransaction(transaction), balance })
      }
      case 'REQUEST_ID_REUSED':
        throw requestIdReused(requestId)
      case 'TOO_MUCH':
        throw apiError(
          Code.FAILED_PRECONDITION,
          ErrorReason.BALANCE_LIMIT_EXCEEDED,
          `a charge of ${amount} would take the balance of ${outcome.balance} past ${balanceMax}`,
        )
    }
  }
}
