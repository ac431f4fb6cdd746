import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import type { DiscardOutcome, OutboxMessage, ReceivedMessage } from '@boxoffice/messaging'
import { appendToOutbox } from '@boxoffice/messaging'
import {
  ConfirmSeatsCommandSchema,
  type SeatsConfirmedEvent,
  SeatsConfirmedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create, fromBinary } from '@bufbuild/protobuf'
import { reservationCommands } from '../messages/reservation-commands.ts'
import type { RunningReservation } from './start-reservation.ts'

/** Holds and sells seats of concerts with two seats. */
export interface SeatSales {
  /** Holds seats of a new concert: A-1-1, A-1-2 or both. */
  hold(userId: string, seats: string[]): Promise<Reservation>
  /** Applies commands in one transaction, and returns the answers. */
  handle(messages: readonly ReceivedMessage[]): Promise<readonly OutboxMessage[]>
  /** Records the outcome that an operator gives to a command, and returns the answers. */
  discard(message: ReceivedMessage, outcome: DiscardOutcome): Promise<readonly OutboxMessage[]>
  /** Returns the payment of each sold seat of the reservation's concert. */
  salesOf(reservation: Reservation): Promise<unknown[]>
}

/** @param service - returns the service once it runs */
export function seatSales(service: () => RunningReservation): SeatSales {
  return {
    async hold(userId: string, seats: string[]): Promise<Reservation> {
      const concertId = await service().createConcert({ rows: 1, seatsPerRow: 2 })
      const { reservation } = await service()
        .as(userId)
        .holdSeats({ requestId: randomUUID(), concertId, seats })
      if (reservation === undefined) throw new Error('nothing was held')
      return reservation
    },
    handle(messages: readonly ReceivedMessage[]): Promise<readonly OutboxMessage[]> {
      return service().database.transaction(async (em) => {
        const { outbox } = await reservationCommands.handle(em, messages)
        await appendToOutbox(em, outbox)
        return outbox
      })
    },
    discard(message: ReceivedMessage, outcome: DiscardOutcome): Promise<readonly OutboxMessage[]> {
      return service().database.transaction(async (em) => {
        const handled = await reservationCommands.discarding?.discard(em, message, outcome)
        return handled?.outbox ?? []
      })
    },
    async salesOf({ concertId }: Reservation): Promise<unknown[]> {
      const rows = await query(service().database.em(), 'SELECT payment_id FROM sale WHERE concert_id = $1', [
        concertId,
      ])
      return rows.map((row) => row.payment_id)
    },
  }
}

let offset = 0n

/** A command to confirm a reservation for a payment of its own, unless `change` has another one. */
export function confirm(
  { reservationId, userId, totalPrice }: Reservation,
  change: { paymentId?: string; reservationId?: string; userId?: string; amount?: bigint } = {},
): ReceivedMessage {
  const body = create(ConfirmSeatsCommandSchema, {
    paymentId: randomUUID(),
    reservationId,
    userId,
    amount: totalPrice,
    ...change,
  })
  return {
    id: randomUUID(),
    type: ConfirmSeatsCommandSchema.typeName,
    body,
    subject: body.paymentId,
    time: new Date(),
    key: body.reservationId,
    topic: 'reservation-commands',
    partition: 0,
    offset: offset++,
    traceparent: undefined,
  }
}

/** Returns the event that an answer carries. */
export function bodyOf(message: OutboxMessage | undefined): SeatsConfirmedEvent {
  return fromBinary(SeatsConfirmedEventSchema, message?.payload ?? new Uint8Array())
}
