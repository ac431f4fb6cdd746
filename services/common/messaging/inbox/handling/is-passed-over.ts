import type { DecodedRecord } from '../../message/decode.ts'
import type { MessageHandler } from '../../message/message-handler.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'

/** Whether a record is a message that the handler passes over, by the type that its codec read. */
export function isPassedOver<Read extends DecodedRecord>(
  { passedOver }: Pick<MessageHandler, 'passedOver'>,
  read: Read,
): read is Read & { readonly message: ReceivedMessage } {
  return 'message' in read && passedOver?.includes(read.message.type) === true
}
