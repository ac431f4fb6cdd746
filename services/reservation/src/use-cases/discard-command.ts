import { type DiscardOutcome, type Handled, OutcomeContradictedError } from '@boxoffice/messaging'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { ConfirmCommand } from '../contract/confirm-command.ts'
import { seatsConfirmedMessage } from '../contract/outgoing.ts'
import { contradictionOf, discardConfirmation } from '../domain/confirm-seats.ts'
import { lockRegister, record, saveRegister } from '../storage/register.ts'

/**
 * Records the outcome of a command that an operator discards: from then on it is the payment's answer. A command that
 * contradicts what is recorded may be discarded as REFUSED without an answer.
 *
 * @throws OutcomeContradictedError if the outcome is not the recorded one
 */
export async function discardCommand(
  em: EntityManager,
  { request, message }: ConfirmCommand,
  outcome: DiscardOutcome,
): Promise<Handled> {
  const { reservationId, paymentId } = request
  const register = await lockRegister(em, [reservationId], [paymentId])
  const { reservations, confirmations, now } = register
  const known = confirmations.get(paymentId)
  const isContradiction = contradictionOf(reservations.get(reservationId), known, request) !== undefined
  if (isContradiction && outcome === 'REFUSED') return { outbox: [] }
  const confirmation = isContradiction ? undefined : discardConfirmation(known, request, outcome, now)
  if (confirmation === undefined) {
    throw new OutcomeContradictedError(`${outcome} contradicts what is recorded for payment ${paymentId}`)
  }
  record(register, { confirmation, sold: undefined })
  await saveRegister(em, register)
  const reservation = reservations.get(confirmation.reservationId)?.reservation
  return { outbox: [seatsConfirmedMessage(message, confirmation, reservation, now)] }
}
