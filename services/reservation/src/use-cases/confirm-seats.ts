import type { OutboxMessage } from '@boxoffice/messaging'
import { ContradictsRecordError, type Handled } from '@boxoffice/messaging'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { ConfirmCommand } from '../contract/confirm-command.ts'
import { seatsConfirmedMessage } from '../contract/outgoing.ts'
import { contradictionOf, confirmSeats as decideConfirmation } from '../domain/confirm-seats.ts'
import { lockRegister, type Register, record, saveRegister } from '../storage/register.ts'

/**
 * Sells seats to payments, in the order of the commands, in the consumer's transaction. Each command is answered: with what
 * was decided now, or for its payment before.
 *
 * @throws ContradictsRecordError if something else is on record of a payment or its reservation
 */
export async function confirmSeats(em: EntityManager, commands: readonly ConfirmCommand[]): Promise<Handled> {
  const register = await lockRegister(
    em,
    commands.map(({ request }) => request.reservationId),
    commands.map(({ request }) => request.paymentId),
  )
  const outbox = commands.map((command) => confirm(register, command))
  await saveRegister(em, register)
  return { outbox }
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
