import { type CallStore, callStore } from '@boxoffice/common/grpc/call-store.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { HallSeat } from '../domain/hold-in-turn.ts'
import type { Reservation, ReservationNow } from '../domain/reservation.ts'
import { findReservations } from './find-reservations.ts'
import { findTakenSeats } from './find-taken-seats.ts'
import { insertHolds } from './insert-holds.ts'
import { lockOwnReservation } from './lock-reservation.ts'
import { lockSeats } from './lock-seats.ts'
import { type ReadHoldings, readHoldings } from './read-holdings.ts'
import { lockRegister, type Register, saveRegister } from './register.ts'
import { saveRelease } from './save-release.ts'
import type { WantedSeats } from './wanted-seats.ts'

/** The store of reservations, for use cases that also run in memory. `Tx` is a transaction of the store. */
export interface ReservationStore<Tx> extends CallStore<Tx> {
  /**
   * Finds the wanted seats that are sold or held now, in the order of `wanted`, without a lock; none for a request
   * that is remembered or names a seat that does not exist.
   */
  findTakenSeats(tx: Tx, wanted: readonly WantedSeats[]): Promise<(readonly string[])[]>
  /** Locks the users' holdings and the wanted seats until the transaction ends, and returns the seats that exist. */
  lockSeats(tx: Tx, wanted: readonly WantedSeats[]): Promise<HallSeat[]>
  /** Reads the data that each wanted hold is decided on, in the order of `wanted`, and the store's time. */
  readHoldings(
    tx: Tx,
    wanted: readonly WantedSeats[],
    pauseMs: number,
  ): Promise<{ readonly now: Date; readonly found: readonly ReadHoldings[] }>
  /** Reservations by their ids. */
  findReservations(tx: Tx, reservationIds: readonly string[]): Promise<Map<string, Reservation>>
  /**
   * Writes new reservations and gives them their seats.
   *
   * @throws Error if one of the seats is not free
   */
  insertHolds(tx: Tx, reservations: readonly Reservation[]): Promise<void>
  /** Loads and locks reservations and their seats until the transaction ends, and loads the decisions for payments. */
  lockRegister(tx: Tx, reservationIds: readonly string[], paymentIds: readonly string[]): Promise<Register>
  /** Writes the decisions: sold reservations and seats, sales and confirmations. */
  saveRegister(tx: Tx, register: Register): Promise<void>
  /** Loads and locks a user's reservation and its seats; undefined if there is none. */
  lockOwnReservation(
    tx: Tx,
    wanted: { readonly reservationId: string; readonly userId: string },
  ): Promise<ReservationNow | undefined>
  /** Writes that a locked reservation was given back, and frees the seats that it still owns. */
  saveRelease(tx: Tx, released: Reservation): Promise<void>
}

/** The store in the reservation service's tables. */
export const reservationStore: ReservationStore<EntityManager> = {
  ...callStore,
  findTakenSeats,
  lockSeats,
  readHoldings,
  findReservations,
  insertHolds,
  lockRegister,
  saveRegister,
  lockOwnReservation,
  saveRelease,
}
