import type { Codec } from '../message/codec.ts'
import { createDecode } from '../message/decode.ts'
import { recordOf, type WholeDeadLetterRow } from './dead-letter-rows.ts'

/**
 * The body of a dead letter as JSON, for an operator to read; empty where it is no message, or JSON cannot express
 * it.
 */
export function deadLetterJson(row: WholeDeadLetterRow, codec: Codec): string {
  const decoded = createDecode(codec)(recordOf(row))
  return 'poison' in decoded ? '' : (codec.toJson?.(decoded.message) ?? '')
}
