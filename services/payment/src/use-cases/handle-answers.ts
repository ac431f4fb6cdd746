import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { Handled } from '@boxoffice/messaging'
import type { PaymentStep } from '../contract/payment-step.ts'
import type { KnownReservation } from '../domain/known-reservation.ts'
import { saveKnownReservations } from '../storage/known-reservations.ts'
import type { PaymentSaga } from './payment-parts.ts'

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
export async function handleAnswers(
  em: EntityManager,
  { steps, reservations }: Answers,
  saga: PaymentSaga,
): Promise<Handled> {
  const { outputs, notify } = await saga.advance(em, steps)
  await saveKnownReservations(em, reservations)
  return { outbox: outputs, afterCommit: notify }
}
