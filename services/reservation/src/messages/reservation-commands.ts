import {
  ContradictsRecordError,
  type DiscardOutcome,
  type Handled,
  type MessageHandler,
  OutcomeContradictedError,
  type ReceivedMessage,
} from '@boxoffice/common/inbox/message-handler.ts'
import { topicOf } from '@boxoffice/common/outbox/topic-of.ts'
import {
  type ConfirmSeatsCommand,
  ConfirmSeatsCommandSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { seatsConfirmedMessage } from '../contract/outgoing.ts'
import {
  type ConfirmRequest,
  confirmSeats,
  contradictionOf,
  discardConfirmation,
} from '../domain/confirm-seats.ts'
import { lockRegister, record, saveRegister } from '../storage/register.ts'

/** reservation-commands: seats sold to payments, each answered on reservation-events. */
export const reservationCommands: MessageHandler = {
  topics: [topicOf(ConfirmSeatsCommandSchema)],
  schemas: [ConfirmSeatsCommandSchema],
  handle: handleReservationCommands,
  discarding: { schemas: [ConfirmSeatsCommandSchema], discard: discardCommand },
}

async function handleReservationCommands(
  em: EntityManager,
  messages: readonly ReceivedMessage[],
): Promise<Handled> {
  const commands = messages.map((message) => ({ message, request: toRequest(message) }))
  const register = await lockRegister(
    em,
    commands.map(({ request }) => request.reservationId),
    commands.map(({ request }) => request.paymentId),
  )
  const { reservations, confirmations, now } = register
  const outbox = commands.map(({ message, request }) => {
    const { reservationId, paymentId } = request
    const [locked, known] = [reservations.get(reservationId), confirmations.get(paymentId)]
    const why = contradictionOf(locked, known, request)
    if (why !== undefined) throw new ContradictsRecordError(why)
    const decision = confirmSeats(locked, known, request, now)
    record(register, decision)
    const { confirmation } = decision
    const reservation = reservations.get(confirmation.reservationId)?.reservation
    return seatsConfirmedMessage(message, confirmation, reservation, now)
  })
  await saveRegister(em, register)
  return { outbox }
}

/** What is recorded of a command that is given up is its payment's answer from then on. */
async function discardCommand(
  em: EntityManager,
  message: ReceivedMessage,
  outcome: DiscardOutcome,
): Promise<Handled> {
  const request = toRequest(message)
  const { reservationId, paymentId } = request
  const register = await lockRegister(em, [reservationId], [paymentId])
  const { reservations, confirmations, now } = register
  const known = confirmations.get(paymentId)
  const isContradiction = contradictionOf(reservations.get(reservationId), known, request) !== undefined
  // Nothing of what it says is on record: it is given up without an answer.
  if (isContradiction && outcome === 'REFUSED') return { outbox: [] }
  const confirmation = isContradiction ? undefined : discardConfirmation(known, request, outcome, now)
  if (confirmation === undefined) {
    throw new OutcomeContradictedError(
      `${outcome} contradicts the register: for payment ${paymentId} it says otherwise`,
    )
  }
  record(register, { confirmation, sold: undefined })
  await saveRegister(em, register)
  const reservation = reservations.get(confirmation.reservationId)?.reservation
  return { outbox: [seatsConfirmedMessage(message, confirmation, reservation, now)] }
}

/** Ids are compared as text here, and PostgreSQL writes them in lower case. */
function toRequest(message: ReceivedMessage): ConfirmRequest {
  const { paymentId, reservationId, userId, amount } = message.body as ConfirmSeatsCommand
  return { paymentId: paymentId.toLowerCase(), reservationId: reservationId.toLowerCase(), userId, amount }
}
