import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { Payment } from '../domain/payment.ts'
import type { PaymentSaga } from '../domain/payment-saga.ts'

/** What the use cases that change payments work with. */
export interface PaymentParts {
  readonly database: Database
  readonly saga: PaymentSaga
  readonly watchers: PaymentWatchers
}

/** Those who wait for news of payments on this replica. */
export interface PaymentWatchers {
  /** Notifies of payments that were changed and committed: once of each state, as the states are counted by it. */
  publish(payments: readonly Payment[]): void
}
