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

/** Where reservations are stored, for use cases that also run in memory. `Tx` is a transaction of the store. */
export interface ReservationStore<Tx> extends CallStore<Tx> {
  /**
   * Which of the wanted seats are sold or held now, in the order of `wanted`, without a lock; none where a request is known
   * already or names a seat that does not exist.
   */
  findTakenSeats(tx: Tx, wanted: readonly WantedSeats[]): Promise<(readonly string[])[]>
  /** Locks the users' holdings and the wanted seats until the transaction ends, and returns the seats that exist. */
  lockSeats(tx: Tx, wanted: readonly WantedSeats[]): Promise<HallSeat[]>
  /** What each of the wanted holds is decided on, in the order of `wanted`, and the store's clock. */
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
  /** Loads and locks reservations with their seats until the transaction ends, and loads what was decided for payments. */
  lockRegister(tx: Tx, reservationIds: readonly string[], paymentIds: readonly string[]): Promise<Register>
  /** Writes what was decided: reservations and seats that are sold, sales and confirmations. */
  saveRegister(tx: Tx, register: Register): Promise<void>
  /** Loads and locks a reservation of its holder and its seats; undefined if there is none. */
  lockOwnReservation(
    tx: Tx,
    of: { readonly reservationId: string; readonly userId: string },
  ): Promise<ReservationNow | undefined>
  /** Writes that a locked reservation was given back, and makes those of its seats free that are still its own. */
  saveRelease(tx: Tx, released: Reservation): Promise<void>
}

/** The tables of the reservation service. */
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
