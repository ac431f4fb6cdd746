import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { toBinary } from '@bufbuild/protobuf'
import type { Database } from '../postgres/database.ts'
import type { Cursor } from './cursor.ts'
import { pageKeyOf } from './page-key.ts'
import { decodePageToken, encodePageToken, type PageTokenScope, pageTokenInvalid } from './page-token.ts'

/** The page of a list that a caller asks for. */
export interface PageRequest<Value> {
  readonly size: number
  /** The sort key of the row before the page's first; undefined for the first page. */
  readonly after: Value | undefined
  readonly scope: PageTokenScope
  readonly cursor: Cursor<Value>
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Empty on the last page. */
  readonly nextPageToken: string
}

/** The paging fields of every list request. */
type ListRequest = { readonly pageSize: number; readonly pageToken: string }

export interface ListOptions<Value> {
  /** The database of the service, which has the key of the tokens. */
  readonly database: Pick<Database, 'em'>
  readonly subject: string
  readonly cursor: Cursor<Value>
  /** The page size if page_size is 0; 50 unless given. */
  readonly sizeDefault?: number
}

/**
 * Reads the paging fields of a list request. A token is accepted only from the subject that got it, for the same list
 * with the same filters: all fields of the request except the paging fields.
 *
 * @throws ApiError INVALID_ARGUMENT (PAGE_TOKEN_INVALID)
 */
export async function readPage<Desc extends DescMessage, Value>(
  schema: Desc,
  request: MessageShape<Desc> & ListRequest,
  { database, subject, cursor, sizeDefault = 50 }: ListOptions<Value>,
): Promise<PageRequest<Value>> {
  const key = await pageKeyOf(database)
  const scope = { key, list: schema.typeName, subject, filters: filtersOf(schema, request) }
  const page = { size: request.pageSize || sizeDefault, scope, cursor }
  if (request.pageToken === '') return { ...page, after: undefined }
  const after = cursor.parse(decodePageToken(scope, request.pageToken))
  if (after === undefined) throw pageTokenInvalid()
  return { ...page, after }
}

/** Cuts a page out of rows. The rows must have been read with a limit of one more than the page's size. */
export function cutPage<Row, Value>(
  { size, scope, cursor }: PageRequest<Value>,
  rows: readonly Row[],
  sortKeyOf: (row: Row) => Value,
): Page<Row> {
  const cut = rows.slice(0, size)
  const last = cut.at(-1)
  const isLast = rows.length <= size || last === undefined
  return {
    rows: cut,
    nextPageToken: isLast ? '' : encodePageToken(scope, cursor.format(sortKeyOf(last))),
  }
}

function filtersOf<Desc extends DescMessage>(
  schema: Desc,
  request: MessageShape<Desc> & ListRequest,
): Uint8Array {
  const filters = { ...request, pageSize: 0, pageToken: '' }
  return toBinary(schema, filters, { writeUnknownFields: false })
}
