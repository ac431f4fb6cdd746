import { apiError, Code, ErrorReason } from '@boxoffice/common/grpc/errors.ts'
import { fingerprintOf, rememberRequest } from '@boxoffice/common/grpc/request-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import { createMessage } from '@boxoffice/common/outbox/create-message.ts'
import { deriveResourceId } from '@boxoffice/common/outbox/message-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { continueTrace } from '@boxoffice/common/telemetry/trace-context.ts'
import { PointsChargedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  type ChargePointsRequest,
  ChargePointsRequestSchema,
  type ChargePointsResponse,
  ChargePointsResponseSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { EntityManager } from '@mikro-orm/postgresql'
import { balanceMax, chargePoints, type LedgerEntry } from '../domain/wallet.ts'
import { lockBooks, recordEntry, saveBooks } from '../storage/books.ts'
import { LedgerEntryEntity, WalletEntity } from '../storage/entities.ts'
import { toPointTransaction } from './to-point-transaction.ts'

/** ChargePoints: adds points to the caller's wallet, once for each request id. */
export function chargePointsOnce(database: Database) {
  return (request: ChargePointsRequest, call: CallContext): Promise<ChargePointsResponse> =>
    database.transaction(async (em) => {
      const transactionId = deriveResourceId(call.subject, request.requestId)
      const seen = await rememberRequest(em, {
        subject: call.subject,
        method: 'ChargePoints',
        requestId: request.requestId,
        fingerprint: fingerprintOf(ChargePointsRequestSchema, request),
        resourceId: transactionId,
      })
      if (seen === 'repeated') {
        const { balance } = await em.findOneOrFail(WalletEntity, { userId: call.subject })
        return present(em, transactionId, balance)
      }
      const entry = await charge(em, call.subject, transactionId, request.amount)
      await appendToOutbox(em, [pointsCharged(request, call, transactionId, entry)])
      return present(em, transactionId, entry.balance)
    })
}

async function charge(
  em: EntityManager,
  userId: string,
  transactionId: string,
  amount: bigint,
): Promise<LedgerEntry> {
  await query(em, insertWallet, [userId])
  const books = await lockBooks(em, [userId], [])
  const wallet = books.wallets.get(userId)
  if (wallet === undefined) throw new Error(`the wallet of ${userId} is gone`)
  const entry = chargePoints(wallet, amount)
  if (entry === undefined) {
    throw apiError(
      Code.FAILED_PRECONDITION,
      ErrorReason.BALANCE_LIMIT_EXCEEDED,
      `a charge of ${amount} would take the balance of ${wallet.balance} past ${balanceMax}`,
    )
  }
  recordEntry(books, transactionId, entry)
  await saveBooks(em, books)
  return entry
}

const insertWallet = `INSERT INTO wallet (user_id, balance) VALUES ($1, 0) ON CONFLICT DO NOTHING`

function pointsCharged(
  request: ChargePointsRequest,
  call: CallContext,
  transactionId: string,
  entry: LedgerEntry,
) {
  const time = new Date()
  return createMessage({
    schema: PointsChargedEventSchema,
    body: create(PointsChargedEventSchema, {
      transactionId,
      userId: entry.userId,
      requestId: request.requestId,
      amount: entry.amount,
      balance: entry.balance,
      time: timestampFromDate(time),
    }),
    time,
    traceparent: continueTrace(call.traceparent),
  })
}

async function present(
  em: EntityManager,
  transactionId: string,
  balance: bigint,
): Promise<ChargePointsResponse> {
  const row = await em.findOneOrFail(LedgerEntryEntity, { transactionId })
  return create(ChargePointsResponseSchema, { transaction: toPointTransaction(row), balance })
}
