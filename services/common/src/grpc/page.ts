import { decodePageToken, encodePageToken } from './page-token.ts'

/** A page of a list, as a caller asks for it. */
export interface PageRequest {
  readonly method: string
  readonly subject: string
  readonly size: number
  /** The sort key of the row before the page's first; undefined for the first page. */
  readonly cursor: string | undefined
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Empty on the last page. */
  readonly nextPageToken: string
}

/**
 * Reads the paging fields of a list request.
 *
 * @throws ApiError INVALID_ARGUMENT (PAGE_TOKEN_INVALID)
 */
export function readPage(
  request: { readonly pageSize: number; readonly pageToken: string },
  list: { readonly method: string; readonly subject: string; readonly sizeDefault?: number },
): PageRequest {
  const { method, subject, sizeDefault = 50 } = list
  const cursor = request.pageToken === '' ? undefined : decodePageToken(method, subject, request.pageToken)
  return { method, subject, size: request.pageSize || sizeDefault, cursor }
}

/** Cuts a page out of rows that were read with a limit of one more than its size. */
export function cutPage<Row>(
  page: PageRequest,
  rows: readonly Row[],
  cursorOf: (row: Row) => string,
): Page<Row> {
  const cut = rows.slice(0, page.size)
  const last = cut.at(-1)
  const isLast = rows.length <= page.size || last === undefined
  return {
    rows: cut,
    nextPageToken: isLast ? '' : encodePageToken(page.method, page.subject, cursorOf(last)),
  }
}
