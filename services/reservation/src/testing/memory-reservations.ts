import { memoryCallStore, requestKey } from '@boxoffice/common/testing/memory-calls.ts'
import { holdMethod } from '../storage/hold-method.ts'
import type { ReservationStore } from '../storage/reservation-store.ts'
import type { WantedSeats } from '../storage/wanted-seats.ts'
import { holdingsOf } from './memory-holdings.ts'
import { giveSeats, isTaken, ownSeats, seatKey, seatsOf, sellSeats } from './memory-seats.ts'
import type { ReservationTables } from './memory-tables.ts'

/** The store on tables in memory. A transaction works on a copy. The store enforces the tables' constraints. */
export function memoryReservationStore(clock: () => Date): ReservationStore<ReservationTables> {
  return {
    ...memoryCallStore,
    async findTakenSeats(tables, wanted) {
      const now = clock()
      return wanted.map((call) => {
        const rows = seatsOf(tables, call)
        if (tables.requests.has(holdKey(call)) || rows.length < call.seats.length) return []
        return rows.filter((row) => isTaken(row, now)).map(({ seat }) => seat)
      })
    },
    async lockSeats(tables, wanted) {
      const rows = new Set(wanted.flatMap((call) => seatsOf(tables, call)))
      return [...tables.seats.values()].filter((row) => rows.has(row))
    },
    async readHoldings(tables, wanted, pauseMs) {
      const now = clock()
      const found = wanted.map((call) => ({
        holdings: holdingsOf(tables, call, pauseMs, now),
        seatsPerUserMax: tables.concerts.get(call.concertId),
        fingerprint: tables.requests.get(holdKey(call)),
      }))
      return { now, found }
    },
    async findReservations({ reservations }, reservationIds) {
      return new Map(chosen(reservations, reservationIds).map((found) => [found.reservationId, found]))
    },
    async insertHolds(tables, reservations) {
      for (const reservation of reservations) {
        const { reservationId } = reservation
        if (tables.reservations.has(reservationId)) throw new Error(`${reservationId} is there already`)
        tables.reservations.set(reservationId, reservation)
        giveSeats(tables, reservation, clock())
      }
    },
    async lockRegister(tables, reservationIds, paymentIds) {
      const reservations = chosen(tables.reservations, reservationIds).map((reservation) => {
        const isWhole = ownSeats(tables, reservation).length === reservation.seats.length
        return { reservation, ownsItsSeats: reservation.state === 'HELD' && isWhole }
      })
      const confirmations = chosen(tables.confirmations, paymentIds)
      return {
        reservations: new Map(reservations.map((locked) => [locked.reservation.reservationId, locked])),
        confirmations: new Map(confirmations.map((confirmation) => [confirmation.paymentId, confirmation])),
        now: clock(),
        decisions: [],
      }
    },
    async saveRegister(tables, { decisions }) {
      for (const { confirmation, sold } of decisions) {
        const { paymentId } = confirmation
        if (tables.confirmations.has(paymentId)) throw new Error(`${paymentId} is confirmed already`)
        tables.confirmations.set(paymentId, confirmation)
        if (sold !== undefined) sellSeats(tables, sold)
      }
    },
    async lockOwnReservation({ reservations }, { reservationId, userId }) {
      const reservation = reservations.get(reservationId)
      return reservation?.userId === userId ? { reservation, now: clock() } : undefined
    },
    async saveRelease(tables, released) {
      tables.reservations.set(released.reservationId, released)
      for (const row of ownSeats(tables, released))
        if (!row.sold) tables.seats.set(seatKey(row), { ...row, reservationId: null, heldUntil: null })
    },
  }
}

function holdKey({ userId, requestId }: WantedSeats): string {
  return requestKey({ subject: userId, method: holdMethod, requestId })
}

function chosen<Row>(rows: ReadonlyMap<string, Row>, ids: readonly string[]): Row[] {
  return [...new Set(ids)].flatMap((id) => rows.get(id) ?? [])
}
