import { RemoteError } from '@boxoffice/common/status/errors.ts'
import {
  ChargePointsResponseSchema,
  GetBalanceResponseSchema,
  ListPointTransactionsResponseSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { create, toJson } from '@bufbuild/protobuf'
import type { FastifyInstance } from 'fastify'
import { fields, queryOf, requestId } from './fields.ts'
import { viewerRole } from './roles.ts'
import type { Services } from './services.ts'
import { asCaller } from './sign-in.ts'

/** Routes that return the balance and ledger of the caller's wallet, and charge it. */
export function registerWallet(app: FastifyInstance, { points }: Services): void {
  app.get<{ Querystring: { pageToken?: string } }>(
    '/api/wallet',
    { schema: walletSchema },
    async (request) => {
      const page = { pageSize: 50, pageToken: request.query.pageToken ?? '' }
      const [balance, ledger] = await Promise.all([
        points.getBalance({}, asCaller(request)),
        points.listPointTransactions(page, asCaller(request)),
      ]).catch(nothingYet)
      return {
        ...(toJson(GetBalanceResponseSchema, balance) as object),
        ...(toJson(ListPointTransactionsResponseSchema, ledger) as object),
      }
    },
  )

  app.post<{ Body: { requestId: string; amount: string } }>(
    '/api/wallet/charges',
    { config: { role: viewerRole }, schema: { body: requestId({ amount: fields.points }) } },
    async (request) => {
      const charge = { requestId: request.body.requestId, amount: BigInt(request.body.amount) }
      return toJson(ChargePointsResponseSchema, await points.chargePoints(charge, asCaller(request)))
    },
  )
}

/** Empty answers for a caller who has never charged points, and so has no wallet. */
function nothingYet(error: unknown) {
  if (!(error instanceof RemoteError) || error.reason !== 'WALLET_NOT_FOUND') throw error
  return [create(GetBalanceResponseSchema), create(ListPointTransactionsResponseSchema)] as const
}

const walletSchema = { querystring: queryOf({ pageToken: fields.pageToken }) }
