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

/** Where payments are stored, for use cases that also run in memory. `Tx` is a transaction of the store. */
export interface PaymentStore<Tx> extends CallStore<Tx>, SagaStore<Tx, Payment> {
  /**
   * Inserts PENDING payments, each with its first transition, but for those that reservation would refuse. In neither result is
   * what exists already, and what another payment of its user for its reservation stands in the way of that has not failed.
   */
  insert(
    tx: Tx,
    payments: readonly NewPayment[],
    atAcceptance: PaymentDecider['atAcceptance'],
  ): Promise<Inserted>
  /** Payments by their ids. */
  find(tx: Tx, paymentIds: readonly string[]): Promise<Payment[]>
  /** A user's payment; null if there is none, or it is another user's. */
  findOwn(tx: Tx, of: { readonly paymentId: string; readonly userId: string }): Promise<Payment | null>
  /** Keeps what was published of reservations; what is known to be later stays. */
  saveReservations(tx: Tx, published: readonly KnownReservation[]): Promise<void>
  /** Selects and locks payments whose open question is to be put once more. */
  lockUnanswered(tx: Tx, limit: number): Promise<DuePayment[]>
  /** The store's time if a PENDING payment's deadline has passed by it; undefined otherwise. */
  readOverdueCutoff(tx: Tx): Promise<string | undefined>
  /** Selects and locks PENDING payments whose deadline had passed at a time, made by readOverdueCutoff. */
  lockOverdue(tx: Tx, limit: number, cutoff: string): Promise<DuePayment[]>
}

/** The tables of the payment service. */
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
