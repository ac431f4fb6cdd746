import {
  type Concert as ConcertMessage,
  ConcertSchema,
  type Reservation as ReservationMessage,
  ReservationSchema,
  ReservationStatus,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type Reservation, statusAt } from '../domain/reservation.ts'
import type { ConcertRow } from '../storage/entities.ts'

/** A reservation as the API and reservation-events show it, with its status at `now`. */
export function toReservationMessage(reservation: Reservation, now: Date): ReservationMessage {
  return create(ReservationSchema, {
    reservationId: reservation.reservationId,
    userId: reservation.userId,
    concertId: reservation.concertId,
    seats: [...reservation.seats],
    totalPrice: reservation.totalPrice,
    status: ReservationStatus[statusAt(reservation, now)],
    expireTime: timestampFromDate(reservation.heldUntil),
    paymentId: reservation.paymentId ?? '',
    version: reservation.version,
    createTime: timestampFromDate(reservation.createdAt),
  })
}

/** A concert as the API and reservation-events show it. */
export function toConcertMessage(row: ConcertRow, seatsTaken: number): ConcertMessage {
  return create(ConcertSchema, {
    concertId: row.concertId,
    title: row.title,
    startTime: timestampFromDate(row.startTime),
    sections: row.sections.map((section) => ({ ...section, price: BigInt(section.price) })),
    seatsTotal: row.seatsTotal,
    seatsAvailable: row.seatsTotal - seatsTaken,
    seatsPerUserMax: row.seatsPerUserMax,
    createTime: timestampFromDate(row.createdAt),
  })
}
