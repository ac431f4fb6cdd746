import type { ReceivedMessage } from '@boxoffice/messaging'
import {
  type RefundPointCommand,
  RefundPointCommandSchema,
  type UsePointCommand,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { PointRequest } from '../domain/wallet.ts'

/** A command of payment to a wallet. */
export interface PointCommand {
  /** The kind of the ledger row that the command leads to. */
  readonly kind: 'DEBIT' | 'REFUND'
  readonly request: PointRequest
  /** The consumed message, which the answer refers to. */
  readonly message: ReceivedMessage
}

export const pointCommandSchemas = [UsePointCommandSchema, RefundPointCommandSchema]

/** Reads a message of {@link pointCommandSchemas}. Ids are compared as text here, and PostgreSQL writes them in lower case. */
export function toPointCommand(message: ReceivedMessage): PointCommand {
  const { paymentId, userId, amount } = message.body as UsePointCommand | RefundPointCommand
  return {
    kind: message.type === UsePointCommandSchema.typeName ? 'DEBIT' : 'REFUND',
    request: { paymentId: paymentId.toLowerCase(), userId, amount },
    message,
  }
}
