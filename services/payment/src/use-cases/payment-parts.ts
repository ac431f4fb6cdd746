import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { OutboxMessage } from '@boxoffice/messaging'
import type { Saga } from '@boxoffice/saga'
import type { PaymentStep } from '../contract/payment-step.ts'
import type { Payment } from '../domain/payment.ts'
import type { PaymentDecider } from '../domain/payment-decider.ts'

/** Takes payments through steps; see createPaymentSaga. */
export type PaymentSaga = Saga<EntityManager, Payment, PaymentStep, OutboxMessage>

/** What the use cases that make or change payments work with. */
export interface PaymentParts {
  readonly database: Database
  readonly decider: PaymentDecider
  readonly saga: PaymentSaga
}

/** Those who wait for news of payments on this replica. */
export interface PaymentWatchers {
  /** Notifies of payments that were changed and committed: once of each state, as the states are counted by it. */
  publish(payments: readonly Payment[]): void
}
