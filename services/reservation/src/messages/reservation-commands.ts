import type { Handled, MessageHandler, ReceivedMessage } from '@boxoffice/common/inbox/message-handler.ts'
import { topicOf } from '@boxoffice/common/outbox/topic-of.ts'
import {
  type ConfirmSeatsCommand,
  ConfirmSeatsCommandSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { seatsConfirmedMessage } from '../contract/outgoing.ts'
import { type ConfirmRequest, confirmSeats } from '../domain/confirm-seats.ts'
import { lockRegister, record, saveRegister } from '../storage/register.ts'

/** reservation-commands: seats sold to payments, each answered on reservation-events. */
export const reservationCommands: MessageHandler = {
  topics: [topicOf(ConfirmSeatsCommandSchema)],
  schemas: [ConfirmSeatsCommandSchema],
  handle: handleReservationCommands,
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
    const decision = confirmSeats(reservations.get(reservationId), confirmations.get(paymentId), request, now)
    record(register, decision)
    const { confirmation } = decision
    const reservation = reservations.get(confirmation.reservationId)?.reservation
    return seatsConfirmedMessage(message, confirmation, reservation, now)
  })
  await saveRegister(em, register)
  return { outbox }
}

/** Ids are compared as text here, and PostgreSQL writes them in lower case. */
function toRequest(message: ReceivedMessage): ConfirmRequest {
  const { paymentId, reservationId, userId, amount } = message.body as ConfirmSeatsCommand
  return { paymentId: paymentId.toLowerCase(), reservationId: reservationId.toLowerCase(), userId, amount }
}
