import { createHash, timingSafeEqual } from 'node:crypto'
import { apiError, Code, ErrorReason } from './errors.ts'

/**
 * Makes an opaque page token. It only works for the same method and subject, and for what it was made from.
 *
 * The binding guards against mix-ups. It is no secret: a query must filter by subject whatever the cursor says.
 *
 * @param cursor - where the next page begins: the sort key of the last row, as text
 */
export function encodePageToken(method: string, subject: string, cursor: string): string {
  const content = Buffer.from(cursor, 'utf8')
  return Buffer.concat([bindingOf(method, subject, content), content]).toString('base64url')
}

/**
 * The cursor of a page token.
 *
 * @throws ApiError INVALID_ARGUMENT (PAGE_TOKEN_INVALID)
 */
export function decodePageToken(method: string, subject: string, token: string): string {
  const bytes = Buffer.from(token, 'base64url')
  const content = bytes.subarray(bindingBytes)
  const isCanonical = bytes.length >= bindingBytes && bytes.toString('base64url') === token
  if (isCanonical && timingSafeEqual(bytes.subarray(0, bindingBytes), bindingOf(method, subject, content))) {
    return content.toString('utf8')
  }
  throw apiError(
    Code.INVALID_ARGUMENT,
    ErrorReason.PAGE_TOKEN_INVALID,
    'The page token was not made for this list',
  )
}

const bindingBytes = 16

function bindingOf(method: string, subject: string, content: Buffer): Buffer {
  const hash = createHash('sha256').update(`page-token 1\0${method}\0${subject}\0`).update(content)
  return hash.digest().subarray(0, bindingBytes)
}
