import { isOutOfLine } from '../message/decode.ts'
import type { MessageHandler } from '../message/message-handler.ts'
import type { DeadLetterRow } from './dead-letter-rows.ts'

/**
 * Whether money or seats hang on a dead letter, or may: a message of an unknown type could be any. Nothing hangs on a record that
 * breaks its contract.
 */
export function isOutcomeRequired(
  { type, reason }: Pick<DeadLetterRow, 'type' | 'reason'>,
  { schemas, discarding }: Pick<MessageHandler, 'schemas' | 'discarding'>,
): boolean {
  if (discarding === undefined || isOutOfLine(reason)) return false
  const isKnown = schemas.some(({ typeName }) => typeName === type)
  return !isKnown || discarding.schemas.some(({ typeName }) => typeName === type)
}
