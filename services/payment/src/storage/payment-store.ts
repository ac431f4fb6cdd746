import { type CallStore, callStore } from '@boxoffice/common/grpc/call-store.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { SagaStore } from '@boxoffice/saga'
import type { KnownReservation } from '../domain/known-reservation.ts'
import type { Payment } from '../domain/payment.ts'
import type { PaymentDecider } from '../domain/payment-decider.ts'
import { type Inserted, insertPayments, type NewPayment } from './insert-payments.ts'
import { saveKnownReservations } from './known-reservations.ts'
import { lockPayments } from './lock-payments.ts'
import { findPayments, readOwnPayment } from './read-payments.ts'
import { savePayments } from './save-payments.ts'
import { type DuePayment, lockOverdue, lockUnanswered, readOverdueCutoff } from './select-due.ts'

/** The store of payments, for use cases that also run in memory. `Tx` is a transaction of the store. */
export interface PaymentStore<Tx> extends CallStore<Tx>, SagaStore<Tx, Payment> {
  /**
   * Inserts PENDING payments, each with its first transition, except those that reservation would refuse. Neither
   * result contains a payment that exists already, or one whose user has another unfailed payment for the same
   * reservation.
   */
  insert(
    tx: Tx,
    payments: readonly NewPayment[],
    atAcceptance: PaymentDecider['atAcceptance'],
  ): Promise<Inserted>
  /** Payments by their ids. */
  find(tx: Tx, paymentIds: readonly string[]): Promise<Payment[]>
  /** A user's payment; null if there is none, or it is another user's. */
  findOwn(tx: Tx, wanted: { readonly paymentId: string; readonly userId: string }): Promise<Payment | null>
  /** Saves what was published of reservations. A later version that is stored already stays. */
  saveReservations(tx: Tx, published: readonly KnownReservation[]): Promise<void>
  /** Selects and locks payments whose open question is to be sent again. */
  lockUnanswered(tx: Tx, limit: number): Promise<DuePayment[]>
  /** The store's time if the deadline of a PENDING payment has passed; undefined otherwise. */
  readOverdueCutoff(tx: Tx): Promise<string | undefined>
  /** Selects and locks PENDING payments whose deadline had passed at `cutoff`, a time from readOverdueCutoff. */
  lockOverdue(tx: Tx, limit: number, cutoff: string): Promise<DuePayment[]>
}

/** The store in the payment service's tables. */
export const paymentStore: PaymentStore<EntityManager> = {
  ...callStore,
  lock: lockPayments,
  save: savePayments,
  insert: insertPayments,
  find: findPayments,
  findOwn: readOwnPayment,
  saveReservations: saveKnownReservations,
  lockUnanswered,
  readOverdueCutoff,
  lockOverdue,
}
