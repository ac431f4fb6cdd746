import { positionCursor, timeAndIdCursor } from '@boxoffice/common/grpc/cursor.ts'
import { parseInstant } from './parse-instant.ts'

/**
 * What a text of a request may be, beyond its length: each format has the parser that its handler reads it with, so that nothing
 * passes here which cannot be read there.
 */
export const formats = {
  /** A place in the trail. */
  position: (text: string) => positionCursor.parse(text) !== undefined,
  /** A place in the list of payments: any, for whoever may read all of them. It is a filter and no token. */
  'payment-place': (text: string) => timeAndIdCursor.parse(text) !== undefined,
  /** A time from 1970 to 9999, as RFC 3339 writes it. */
  instant: (text: string) => parseInstant(text) !== undefined,
  /** PostgreSQL stores no NUL, and UTF-8 has no lone surrogates. */
  'storable-text': (text: string) => text.isWellFormed() && !text.includes('\0'),
} as const
