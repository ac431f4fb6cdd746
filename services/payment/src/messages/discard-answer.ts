import {
  ContradictsRecordError,
  type Discarding,
  type DiscardOutcome,
  type Handled,
  OutcomeContradictedError,
  type ReceivedMessage,
} from '@boxoffice/common/message/message-handler.ts'
import {
  PointRefundedEventSchema,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { SeatsConfirmedEventSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { contradictionOf } from '../domain/claim.ts'
import type { Patience } from '../domain/patience.ts'
import { isFinal } from '../domain/payment.ts'
import type { SagaMessage } from '../domain/saga.ts'
import { advancePayments } from '../storage/advance-payments.ts'
import { lockPayments } from '../storage/lock-payments.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'
import { toStep } from './to-step.ts'

/**
 * Answers carry money and seats; charges, holds and concerts do not. An answer says itself what was done, so the outcome
 * has to agree with it. One that no longer matters, of a payment that is final or not there, may be given up either way, and so may
 * one that is not about the payment that it names.
 */
export function discardingAnswers(patience: Patience, feed: PaymentFeed): Discarding {
  return {
    schemas: [PointUsedEventSchema, PointRefundedEventSchema, SeatsConfirmedEventSchema],
    discard: (em, message, outcome) => discardAnswer(em, message, outcome, patience, feed),
  }
}

async function discardAnswer(
  em: EntityManager,
  message: ReceivedMessage,
  outcome: DiscardOutcome,
  patience: Patience,
  feed: PaymentFeed,
): Promise<Handled> {
  const step = toStep(message)
  if (step === undefined) return { outbox: [] }
  const { paymentId } = step
  const { payments } = await lockPayments(em, [paymentId])
  const payment = payments.get(paymentId)
  if (payment === undefined || (step.claim && contradictionOf(payment, step.claim))) return { outbox: [] }
  if (outcomeTold(step.message) !== outcome) {
    if (isFinal(payment)) return { outbox: [] }
    throw new OutcomeContradictedError(
      `${outcome} contradicts the message, and payment ${paymentId} is not final`,
    )
  }
  try {
    const { changed, outbox } = await advancePayments(em, [step], patience)
    return { outbox, afterCommit: () => feed.publish(changed) }
  } catch (error) {
    if (error instanceof ContradictsRecordError) throw new OutcomeContradictedError(error.message)
    throw error
  }
}

function outcomeTold(message: SagaMessage): DiscardOutcome {
  switch (message.type) {
    case 'POINTS_REFUSED':
    case 'SEATS_REFUSED':
      return 'REFUSED'
    case 'POINTS_REFUNDED':
      return message.amount > 0n ? 'DONE' : 'REFUSED'
    default:
      return 'DONE'
  }
}
