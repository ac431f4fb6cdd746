import { createHmac, timingSafeEqual } from 'node:crypto'
import { apiError, Code, ErrorReason } from '../status/errors.ts'

/** The scope that a page token is bound to: it is refused in any other list. */
export interface PageTokenScope {
  /** A secret that all replicas of the service share and no caller knows. */
  readonly key: Uint8Array
  /** The list, by the full name of its request. */
  readonly list: string
  readonly subject: string
  /** The fields of the request that select rows, as bytes. */
  readonly filters: Uint8Array
}

/**
 * Creates an opaque page token: a cursor, and its HMAC-SHA-256 over the scope.
 *
 * The binding does not replace permissions: a query must filter by subject whatever the cursor is.
 *
 * @param cursor - the start of the next page: the sort key of the last row, as text
 */
export function encodePageToken(scope: PageTokenScope, cursor: string): string {
  const content = Buffer.from(cursor, 'utf8')
  return Buffer.concat([macOf(scope, content), content]).toString('base64url')
}

/**
 * Returns the cursor of a page token.
 *
 * @throws ApiError INVALID_ARGUMENT (PAGE_TOKEN_INVALID)
 */
export function decodePageToken(scope: PageTokenScope, token: string): string {
  const bytes = Buffer.from(token, 'base64url')
  const content = bytes.subarray(macBytes)
  const isCanonical = bytes.length >= macBytes && bytes.toString('base64url') === token
  if (isCanonical && timingSafeEqual(bytes.subarray(0, macBytes), macOf(scope, content))) {
    return content.toString('utf8')
  }
  throw pageTokenInvalid()
}

export function pageTokenInvalid(): Error {
  const message = 'The page token was not made for this list'
  const field = { field: 'page_token', description: 'must be the next_page_token of the page before' }
  return apiError(Code.INVALID_ARGUMENT, ErrorReason.PAGE_TOKEN_INVALID, message, undefined, [field])
}

const macBytes = 32

function macOf({ key, list, subject, filters }: PageTokenScope, content: Buffer): Buffer {
  const mac = createHmac('sha256', key)
  // Each part has its length in front, so that no two scopes have the same bytes.
  for (const part of ['page-token 2', list, subject, filters, content]) {
    const bytes = Buffer.from(part as string)
    mac.update(`${bytes.length}:`).update(bytes)
  }
  return mac.digest()
}
