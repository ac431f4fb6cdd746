import type { Handled } from '@boxoffice/messaging'
import type { PaymentStep } from '../contract/payment-step.ts'
import type { KnownReservation } from '../domain/known-reservation.ts'
import type { PaymentParts } from './payment-parts.ts'

/** The content of a batch of messages from point and reservation. */
export interface Answers {
  readonly steps: readonly PaymentStep[]
  readonly reservations: readonly KnownReservation[]
}

/**
 * Applies answers to their payments, and stores the reservations that were published, in the consumer's transaction.
 *
 * @throws ContradictsRecordError if a payment is unknown or an answer contradicts what is known of it
 */
export async function handleAnswers<Tx>(
  tx: Tx,
  { steps, reservations }: Answers,
  { store, saga }: Pick<PaymentParts<Tx>, 'store' | 'saga'>,
): Promise<Handled> {
  const { outputs, notify } = await saga.advance(tx, steps)
  await store.saveReservations(tx, reservations)
  return { outbox: outputs, afterCommit: notify }
}
