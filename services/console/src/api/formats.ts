import { positionCursor, timeAndIdCursor } from '@boxoffice/common/grpc/cursor.ts'
import { parseInstant } from './parse-instant.ts'

/**
 * Formats of the texts in a request. Each format uses the parser of the handler, so that the handler can read every
 * text that passes here.
 */
export const formats = {
  /** A position in the trail. */
  position: (text: string) => positionCursor.parse(text) !== undefined,
  /**
   * A place in the list of payments. Any place is allowed: it is a filter, not a token, and the caller may read all
   * payments.
   */
  'payment-place': (text: string) => timeAndIdCursor.parse(text) !== undefined,
  /** A time from 1970 to 9999, as RFC 3339 writes it. */
  instant: (text: string) => parseInstant(text) !== undefined,
  /** PostgreSQL stores no NUL, and UTF-8 has no lone surrogates. */
  'storable-text': (text: string) => text.isWellFormed() && !text.includes('\0'),
} as const
