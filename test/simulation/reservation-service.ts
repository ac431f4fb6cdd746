import { deriveMessageId } from '@boxoffice/messaging'
import type { SagaMessage } from '../../services/payment/src/domain/saga.ts'
import {
  type Confirmation,
  type ConfirmRequest,
  confirmSeats,
} from '../../services/reservation/src/domain/confirm-seats.ts'
import type { HoldPolicy } from '../../services/reservation/src/domain/hold-policy.ts'
import { holdSeats } from '../../services/reservation/src/domain/hold-seats.ts'
import { releaseReservation } from '../../services/reservation/src/domain/release-reservation.ts'
import type { Reservation } from '../../services/reservation/src/domain/reservation.ts'
import type { Message } from './message-log.ts'
import type { ServiceOptions } from './service.ts'

export const seatNames = ['A-1-1', 'A-1-2', 'A-1-3', 'A-1-4']
const seatPrice = 100n
const holdDurationMs = 80
/** Buyers here are to get in each other's way, not in that of the policy. */
const policy: HoldPolicy = { seatsPerUserMax: seatNames.length, openHoldsMax: seatNames.length, pauseMs: 0 }
const nothing = { seats: 0, openHolds: 0, lastEnd: null }

interface SeatRow {
  readonly sold: boolean
  readonly heldUntil: Date | null
  readonly owner: string
}

export interface ReservationBooks {
  readonly seats: Map<string, SeatRow>
  readonly reservations: Map<string, Reservation>
  readonly confirmations: Map<string, Confirmation>
  readonly sales: { readonly seat: string; readonly paymentId: string }[]
}

export function reservationOptions(hasInbox: boolean, clock: () => Date): ServiceOptions<ReservationBooks> {
  return {
    name: 'reservation',
    topics: ['reservation-commands'],
    hasInbox,
    books: {
      seats: new Map(seatNames.map((seat) => [seat, { sold: false, heldUntil: null, owner: '' }])),
      reservations: new Map(),
      confirmations: new Map(),
      sales: [],
    },
    copyBooks: ({ seats, reservations, confirmations, sales }) => ({
      seats: new Map(seats),
      reservations: new Map(reservations),
      confirmations: new Map(confirmations),
      sales: [...sales],
    }),
    handle: (books, message) => [answer(message, confirm(books, message.body as ConfirmRequest, clock()))],
  }
}

/** Holds seats under an id, once. */
export function hold(
  books: ReservationBooks,
  reservationId: string,
  userId: string,
  seats: readonly string[],
  now: Date,
): void {
  if (books.reservations.has(reservationId)) return
  const rows = seats.map((seat) => ({ seat, price: seatPrice, ...rowOf(books, seat) }))
  const request = { reservationId, userId, concertId: 'concert', seats, durationMs: holdDurationMs, policy }
  const held = holdSeats(request, rows, nothing, now)
  if (held.outcome !== 'HELD') return
  books.reservations.set(reservationId, held.reservation)
  for (const seat of seats) {
    books.seats.set(seat, { sold: false, heldUntil: held.reservation.heldUntil, owner: reservationId })
  }
}

export function release(books: ReservationBooks, reservationId: string, now: Date): void {
  const reservation = books.reservations.get(reservationId)
  const released = reservation && releaseReservation(reservation, now)
  if (released?.outcome !== 'RELEASED') return
  books.reservations.set(reservationId, released.reservation)
  for (const seat of released.reservation.seats) {
    books.seats.set(seat, { sold: false, heldUntil: null, owner: '' })
  }
}

function confirm(books: ReservationBooks, request: ConfirmRequest, now: Date): Confirmation {
  const { reservations, confirmations, sales } = books
  const reservation = reservations.get(request.reservationId)
  const locked = reservation && {
    reservation,
    ownsItsSeats: reservation.seats.every((seat) => rowOf(books, seat).owner === reservation.reservationId),
  }
  const decision = confirmSeats(locked, confirmations.get(request.paymentId), request, now)
  const { confirmation, sold } = decision
  confirmations.set(confirmation.paymentId, confirmation)
  if (sold !== undefined) {
    reservations.set(sold.reservationId, sold)
    for (const seat of sold.seats) {
      books.seats.set(seat, { ...rowOf(books, seat), sold: true })
      sales.push({ seat, paymentId: confirmation.paymentId })
    }
  }
  return confirmation
}

function rowOf({ seats }: ReservationBooks, seat: string): SeatRow {
  const row = seats.get(seat)
  if (row === undefined) throw new Error(`there is no seat ${seat}`)
  return row
}

function answer({ id }: Message, { paymentId, refusal }: Confirmation): Message {
  const body: SagaMessage =
    refusal === null ? { type: 'SEATS_SOLD' } : { type: 'SEATS_REFUSED', reason: refusal }
  return {
    id: deriveMessageId('SEATS_CONFIRMED', id),
    type: 'SEATS_CONFIRMED',
    topic: 'reservation-events',
    key: paymentId,
    paymentId,
    body,
  }
}
