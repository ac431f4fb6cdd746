import type { Transactions } from '@boxoffice/common/grpc/call-store.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { OutboxMessage } from '@boxoffice/messaging'
import type { Saga } from '@boxoffice/saga'
import type { PaymentStep } from '../contract/payment-step.ts'
import type { Payment } from '../domain/payment.ts'
import type { PaymentDecider } from '../domain/payment-decider.ts'
import type { PaymentStore } from '../storage/payment-store.ts'

/** Applies steps to payments; see createPaymentParts. */
export type PaymentSaga<Tx> = Saga<Tx, Payment, PaymentStep, OutboxMessage>

/** The dependencies of use cases that make or change payments. `Tx` is a transaction of the store. */
export interface PaymentParts<Tx = EntityManager> {
  readonly database: Transactions<Tx>
  readonly store: PaymentStore<Tx>
  readonly decider: PaymentDecider
  readonly saga: PaymentSaga<Tx>
}

/** The watchers of payments on this replica. */
export interface PaymentWatchers {
  /** Publishes changed payments after their commit, each state exactly once: the states are counted here. */
  publish(payments: readonly Payment[]): void
}
