import type { MessageHandler } from '../message/message-handler.ts'
import { isOutOfLine } from '../message/poison.ts'
import type { DeadLetterRow } from './dead-letter-rows.ts'

/**
 * Whether money or seats may hang on a dead letter. A message of an unknown type may be any message; a record that
 * breaks its contract is no message.
 */
export function isOutcomeRequired(
  { type, reason }: Pick<DeadLetterRow, 'type' | 'reason'>,
  { codec, discarding }: Pick<MessageHandler, 'codec' | 'discarding'>,
): boolean {
  if (discarding === undefined || isOutOfLine(reason)) return false
  if (type === null || !codec.types.includes(type)) return true
  return discarding.types.includes(type)
}
