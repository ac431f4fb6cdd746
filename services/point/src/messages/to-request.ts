import type { ReceivedMessage } from '@boxoffice/common/inbox/message-handler.ts'
import type {
  RefundPointCommand,
  UsePointCommand,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { PointRequest } from '../domain/wallet.ts'

/** What a command asks for. Ids are compared as text here, and PostgreSQL writes them in lower case. */
export function toRequest({ body }: ReceivedMessage): PointRequest {
  const { paymentId, userId, amount } = body as UsePointCommand | RefundPointCommand
  return { paymentId: paymentId.toLowerCase(), userId, amount }
}
