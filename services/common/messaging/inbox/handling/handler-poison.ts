import { ContradictsRecordError } from '../../message/message-handler.ts'
import type { Poison } from '../../message/poison.ts'

/** The reason for which a message is put aside when the handler threw at it. */
export function handlerPoison(cause: unknown, attempts: number): Poison {
  return {
    reason: cause instanceof ContradictsRecordError ? 'CONTRADICTS_RECORD' : 'HANDLER_FAILED',
    error: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
    attempts,
  }
}
