import type { Decoded } from '../../message/decode.ts'
import type { MessageHandler } from '../../message/message-handler.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'

/** Whether a record is a message with which the handler does nothing: by its type, as the codec says it. */
export function isPassedOver<One extends Decoded>(
  { passedOver }: Pick<MessageHandler, 'passedOver'>,
  one: One,
): one is One & { readonly message: ReceivedMessage } {
  return 'message' in one && passedOver?.includes(one.message.type) === true
}
