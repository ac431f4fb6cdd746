import {
  ContradictsRecordError,
  type DiscardOutcome,
  type Handled,
  OutcomeContradictedError,
} from '@boxoffice/messaging'
import type { PaymentStep } from '../contract/payment-step.ts'
import { contradictionOf } from '../domain/claim.ts'
import { isFinal } from '../domain/payment.ts'
import type { SagaMessage } from '../domain/saga.ts'
import type { PaymentParts } from './payment-parts.ts'

/**
 * Records an answer that an operator gives up. An answer says itself what was done, so the outcome has to agree with it. One
 * that no longer matters, of a payment that is final or not there, may be given up either way, and so may one that is not
 * about the payment that it names.
 *
 * @param step - undefined for a message that concerns no payment
 * @throws OutcomeContradictedError if the outcome is not what the answer says, or the answer not what is on record
 */
export async function discardAnswer<Tx>(
  tx: Tx,
  step: PaymentStep | undefined,
  outcome: DiscardOutcome,
  { store, saga }: Pick<PaymentParts<Tx>, 'store' | 'saga'>,
): Promise<Handled> {
  if (step === undefined) return { outbox: [] }
  const { sagaId: paymentId } = step
  const { states } = await store.lock(tx, [paymentId])
  const payment = states.get(paymentId)
  if (payment === undefined || (step.claim && contradictionOf(payment, step.claim))) return { outbox: [] }
  if (outcomeOf(step.message) !== outcome) {
    if (isFinal(payment)) return { outbox: [] }
    throw new OutcomeContradictedError(
      `${outcome} contradicts the message, and payment ${paymentId} is not final`,
    )
  }
  try {
    const { outputs, notify } = await saga.advance(tx, [step])
    return { outbox: outputs, afterCommit: notify }
  } catch (error) {
    if (error instanceof ContradictsRecordError) throw new OutcomeContradictedError(error.message)
    throw error
  }
}

function outcomeOf(message: SagaMessage): DiscardOutcome {
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
