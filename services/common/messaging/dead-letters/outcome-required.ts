import type { MessageHandler } from '../message/message-handler.ts'
import { isOutOfLine } from '../message/poison.ts'
import type { DeadLetterRow } from './dead-letter-rows.ts'

/**
 * Whether money or seats hang on a dead letter, or may: a message of an unknown type could be any. Nothing hangs on a record that
 * breaks its contract.
 */
export function isOutcomeRequired(
  { type, reason }: Pick<DeadLetterRow, 'type' | 'reason'>,
  { codec, discarding }: Pick<MessageHandler, 'codec' | 'discarding'>,
): boolean {
  if (discarding === undefined || isOutOfLine(reason)) return false
  if (type === null || !codec.types.includes(type)) return true
  return discarding.types.includes(type)
}
