import type { ReceivedMessage } from '@boxoffice/messaging'
import type { ConfirmSeatsCommand } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { ConfirmRequest } from '../domain/confirm-seats.ts'

/** A command of payment: the request, and the message that it came in. */
export interface ConfirmCommand {
  readonly request: ConfirmRequest
  /** The consumed message, which the answer refers to. */
  readonly message: ReceivedMessage
}

/** Reads a ConfirmSeatsCommand. Ids are compared as text here, and PostgreSQL writes them in lower case. */
export function toConfirmCommand(message: ReceivedMessage): ConfirmCommand {
  const { paymentId, reservationId, userId, amount } = message.body as ConfirmSeatsCommand
  const request = {
    paymentId: paymentId.toLowerCase(),
    reservationId: reservationId.toLowerCase(),
    userId,
    amount,
  }
  return { request, message }
}
