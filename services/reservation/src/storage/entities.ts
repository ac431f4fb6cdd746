import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { Section } from '../domain/concert.ts'
import type { Refusal } from '../domain/confirm-seats.ts'
import type { ReservationState } from '../domain/reservation.ts'

export const ConcertEntity = defineEntity({
  name: 'Concert',
  tableName: 'concert',
  properties: {
    concertId: p.uuid().primary(),
    /** The number of the concert in the order of creation. */
    position: p.bigint().autoincrement(),
    title: p.text(),
    startTime: p.datetime(),
    sections: p.json<readonly Section[]>(),
    seatsTotal: p.integer(),
    /** The number of seats that one user may hold or buy. */
    seatsPerUserMax: p.integer(),
    createdAt: p.datetime(),
  },
})

export const ReservationEntity = defineEntity({
  name: 'Reservation',
  tableName: 'reservation',
  properties: {
    reservationId: p.uuid().primary(),
    userId: p.text(),
    concertId: p.uuid(),
    seats: p.array(),
    totalPrice: p.bigint(),
    state: p.text().$type<ReservationState>(),
    heldUntil: p.datetime(),
    paymentId: p.uuid().strictNullable(),
    version: p.integer(),
    createdAt: p.datetime(),
  },
})

export const ConfirmationEntity = defineEntity({
  name: 'Confirmation',
  tableName: 'confirmation',
  properties: {
    paymentId: p.uuid().primary(),
    reservationId: p.uuid(),
    refusal: p.text().$type<Refusal>().strictNullable(),
    decidedAt: p.datetime(),
  },
})

export type ConcertRow = InferEntity<typeof ConcertEntity>

/** Seats have no entity: they are locked, changed and counted many at a time, in SQL. */
export const entities = [ConcertEntity, ReservationEntity, ConfirmationEntity]
