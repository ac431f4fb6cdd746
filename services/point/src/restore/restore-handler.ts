import { callOf, type RememberedRequest, restoreRequests } from '@boxoffice/common/grpc/request-id.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { ReceivedMessage } from '@boxoffice/messaging'
import { deriveMessageId } from '@boxoffice/messaging'
import type { Applied, Fact, RestoreHandler } from '@boxoffice/messaging/operations'
import { createProtobufCodec, topicOf } from '@boxoffice/messaging-protobuf'
import {
  type PointRefundedEvent,
  PointRefundedEventSchema,
  PointRefusal,
  type PointsChargedEvent,
  PointsChargedEventSchema,
  type PointUsedEvent,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { ChargePointsRequestSchema } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { type RestoredEntry, restoreWallet, type WalletFact } from '../domain/restore-wallet.ts'
import type { Refusal } from '../domain/wallet.ts'
import { lockWallets } from '../storage/locked-wallets.ts'
import { type IdentifiedEntry, knownCharges, saveRestored } from '../storage/restore-wallets.ts'

type PointEvent = PointUsedEvent | PointRefundedEvent | PointsChargedEvent

/** Restores wallets from point-events: each charge, debit and refund that was published. */
export const pointRestoreHandler: RestoreHandler<EntityManager> = {
  topics: [topicOf(PointUsedEventSchema)],
  codec: createProtobufCodec([PointUsedEventSchema, PointRefundedEventSchema, PointsChargedEventSchema]),
  lineOf: (message: ReceivedMessage) => (message.body as PointEvent).userId,
  apply: applyFacts,
}

async function applyFacts(em: EntityManager, facts: readonly Fact[]): Promise<Applied> {
  const events = facts.map((fact) => ({ ...fact, body: fact.body as PointEvent }))
  const charges = events.flatMap(({ body }) => (isCharge(body) ? [body] : []))
  const userIds = [...new Set(events.map(({ body }) => body.userId))]
  const locked = await lockWallets(
    em,
    userIds,
    events.flatMap(({ body }) => ('paymentId' in body ? [body.paymentId] : [])),
  )
  const known = await knownCharges(
    em,
    charges.map(({ transactionId }) => transactionId),
  )
  const restored = userIds.map((userId) =>
    restoreWallet(
      {
        wallet: locked.wallets.get(userId) ?? { userId, balance: 0n },
        charges: known,
        debits: locked.debits,
      },
      events.filter(({ body }) => body.userId === userId).map(toWalletFact),
    ),
  )
  await saveRestored(
    em,
    restored.flatMap(({ debits }) => debits),
    restored.flatMap(({ entries }) => entries.map(identified)),
  )
  await restoreRequests(em, charges.map(requestOf))
  return {
    applied: restored.reduce((sum, { applied }) => sum + applied, 0),
    contradictions: restored.flatMap(({ contradictions }) => contradictions),
  }
}

function toWalletFact({ body, time }: Fact & { readonly body: PointEvent }): WalletFact {
  const { amount } = body
  if (isCharge(body)) return { type: 'CHARGED', transactionId: body.transactionId, amount, time }
  const { paymentId } = body
  if (body.$typeName === PointRefundedEventSchema.typeName)
    return { type: 'REFUNDED', paymentId, amount, time }
  const { success, refusal } = body as PointUsedEvent
  if (success) return { type: 'TAKEN', paymentId, amount, time }
  return { type: 'REFUSED', paymentId, amount, refusal: refusalOf(refusal), time }
}

function refusalOf(refusal: PointRefusal): Refusal {
  switch (refusal) {
    case PointRefusal.INSUFFICIENT_POINTS:
      return 'INSUFFICIENT_POINTS'
    case PointRefusal.UNKNOWN_WALLET:
      return 'UNKNOWN_WALLET'
    case PointRefusal.CANCELLED:
      return 'CANCELLED'
    case PointRefusal.DISCARDED:
      return 'DISCARDED'
    default:
      throw new Error(`unknown refusal of points: ${refusal}`)
  }
}

function isCharge(body: PointEvent): body is PointsChargedEvent {
  return body.$typeName === PointsChargedEventSchema.typeName
}

/** Gives a row the same id that it had the first time. */
function identified(restored: RestoredEntry): IdentifiedEntry {
  const { kind, paymentId } = restored.entry
  return { ...restored, id: restored.transactionId ?? deriveMessageId(kind, paymentId ?? '') }
}

function requestOf({ userId, requestId, amount, transactionId }: PointsChargedEvent): RememberedRequest {
  const request = create(ChargePointsRequestSchema, { requestId, amount })
  return callOf(ChargePointsRequestSchema, request, { subject: userId, resourceId: transactionId })
}
