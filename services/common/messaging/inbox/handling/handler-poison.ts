import { ContradictsRecordError } from '../../message/message-handler.ts'
import type { Poison } from '../../message/poison.ts'

/** What a message is put aside for that a handler threw at. */
export function handlerPoison(cause: unknown, attempts: number): Poison {
  return {
    reason: cause instanceof ContradictsRecordError ? 'CONTRADICTS_RECORD' : 'HANDLER_FAILED',
    error: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
    attempts,
  }
}
