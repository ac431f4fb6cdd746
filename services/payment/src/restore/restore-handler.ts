import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { ReceivedMessage } from '@boxoffice/messaging'
import type { Applied, Fact, RestoreHandler } from '@boxoffice/messaging/operations'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import type { PaymentAcceptedEvent } from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import type { Payment as PaymentMessage } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { fromPaymentMessage } from '../contract/from-proto.ts'
import { paymentEventSchemas, paymentEventsTopic } from '../contract/payment-events.ts'
import type { PaymentDecider } from '../domain/payment-decider.ts'
import { restorePayments } from '../domain/restore-payments.ts'
import { readKnown, saveRestored } from '../storage/restore-payments.ts'

/** Restores payments from payment-events: each published transition has the payment's full state. */
export function paymentRestoreHandler(decider: PaymentDecider): RestoreHandler<EntityManager> {
  return {
    topics: [paymentEventsTopic],
    codec: createProtobufCodec(paymentEventSchemas),
    // At most one payment of a user for a reservation has not failed, so these are written together.
    lineOf: (message: ReceivedMessage) => paymentOf(message.body).reservationId,
    apply: (em, facts) => applyFacts(em, facts, decider),
  }
}

async function applyFacts(
  em: EntityManager,
  facts: readonly Fact[],
  decider: PaymentDecider,
): Promise<Applied> {
  const published = facts.map(({ body }) => fromPaymentMessage(paymentOf(body)))
  const known = await readKnown(
    em,
    published.map(({ paymentId }) => paymentId),
    published.map(({ reservationId }) => reservationId),
  )
  const { payments, transitions, applied, contradictions } = restorePayments(known, published)
  const now = new Date()
  const scheduled = payments.map((state) => ({ state, wakeups: decider.wakeupsOf(state, now) }))
  await saveRestored(em, scheduled, transitions, tracesOf(facts))
  return { applied, contradictions }
}

/** The trace in which each payment was first published, by the payment's id. */
function tracesOf(facts: readonly Fact[]): ReadonlyMap<string, string> {
  return new Map(
    facts
      .toReversed()
      .flatMap(({ body, traceparent }) =>
        traceparent === undefined ? [] : [[paymentOf(body).paymentId, traceparent] as const],
      ),
  )
}

function paymentOf(event: unknown): PaymentMessage {
  const { payment } = event as PaymentAcceptedEvent
  if (payment === undefined) throw new Error('an event was published without its payment')
  return payment
}
