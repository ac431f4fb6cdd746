import type { Handled } from '@boxoffice/messaging'
import type { PaymentStep } from '../contract/payment-step.ts'
import type { KnownReservation } from '../domain/known-reservation.ts'
import type { PaymentParts } from './payment-parts.ts'

/** What a batch of messages from point and reservation says. */
export interface Answers {
  readonly steps: readonly PaymentStep[]
  readonly reservations: readonly KnownReservation[]
}

/**
 * Takes payments through the answers to their questions, and remembers what reservation has published, in the consumer's
 * transaction.
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
