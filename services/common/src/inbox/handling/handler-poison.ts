import type { Poison } from '../../message/decode.ts'
import { ContradictsRecordError } from '../../message/message-handler.ts'

/** What a message is put aside for that a handler threw at. */
export function handlerPoison(cause: unknown, attempts: number): Poison {
  return {
    reason: cause instanceof ContradictsRecordError ? 'CONTRADICTS_RECORD' : 'HANDLER_FAILED',
    error: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
    attempts,
  }
}
