import type { OutboxMessage } from '@boxoffice/messaging'
import { ContradictsRecordError, type Handled } from '@boxoffice/messaging'
import type { ConfirmCommand } from '../contract/confirm-command.ts'
import { seatsConfirmedMessage } from '../contract/outgoing.ts'
import { contradictionOf, confirmSeats as decideConfirmation } from '../domain/confirm-seats.ts'
import { type Register, record } from '../storage/register.ts'
import { type ReservationStore, reservationStore } from '../storage/reservation-store.ts'

/**
 * Sells seats to payments, in the order of the commands, in the consumer's transaction. Each command gets an answer:
 * the decision that was made now, or earlier for its payment.
 *
 * @throws ContradictsRecordError if something else is recorded for a payment or its reservation
 */
export const confirmSeats = confirmSeatsIn(reservationStore)

/** The same use case on any store. */
export function confirmSeatsIn<Tx>(store: ReservationStore<Tx>) {
  return async (tx: Tx, commands: readonly ConfirmCommand[]): Promise<Handled> => {
    const register = await store.lockRegister(
      tx,
      commands.map(({ request }) => request.reservationId),
      commands.map(({ request }) => request.paymentId),
    )
    const outbox = commands.map((command) => confirm(register, command))
    await store.saveRegister(tx, register)
    return { outbox }
  }
}

function confirm(register: Register, { request, message }: ConfirmCommand): OutboxMessage {
  const { reservations, confirmations, now } = register
  const locked = reservations.get(request.reservationId)
  const known = confirmations.get(request.paymentId)
  const why = contradictionOf(locked, known, request)
  if (why !== undefined) throw new ContradictsRecordError(why)
  const decision = decideConfirmation(locked, known, request, now)
  record(register, decision)
  const { confirmation } = decision
  const reservation = reservations.get(confirmation.reservationId)?.reservation
  return seatsConfirmedMessage(message, confirmation, reservation, now)
}
