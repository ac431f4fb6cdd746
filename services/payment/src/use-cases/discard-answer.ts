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
 * Records an answer that an operator discards. The answer itself says what was done, so the operator's outcome has to
 * agree with it. Either outcome is allowed if the answer does not matter any more, because its payment is final or
 * does not exist, and if the answer is not about the payment that it names.
 *
 * @param step - undefined for a message that concerns no payment
 * @throws OutcomeContradictedError if the outcome differs from the answer's, or the answer from what is stored
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
