import { createHash } from 'node:crypto'
import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf'
import type { EntityManager } from '@mikro-orm/postgresql'
import { query, write } from '../postgres/query.ts'
import { type ApiError, apiError, Code, ErrorReason } from '../status/errors.ts'

/** A call that changes something, as it is remembered for its subject and method. */
export interface RememberedRequest {
  readonly subject: string
  readonly method: string
  /** The caller's UUID. */
  readonly requestId: string
  /** From fingerprintOf. */
  readonly fingerprint: Uint8Array
  /** The resource that the call creates or changes. */
  readonly resourceId: string
}

/**
 * The form in which a call is remembered: with the method that its request's name contains (`StartReplayRequest` is of
 * StartReplay), and with the fingerprint of all its fields.
 */
export function callOf<Desc extends DescMessage>(
  schema: Desc,
  request: MessageShape<Desc> & { readonly requestId: string },
  { subject, resourceId }: Pick<RememberedRequest, 'subject' | 'resourceId'>,
): RememberedRequest {
  return {
    subject,
    method: schema.name.replace(/Request$/, ''),
    requestId: request.requestId,
    fingerprint: fingerprintOf(schema, request),
    resourceId,
  }
}

/**
 * Remembers a request in the transaction of `em`. If the transaction rolls back, the request is forgotten.
 *
 * A duplicate that comes at the same time waits for the first one's commit and is then `repeated`, or `new` if the
 * first one rolled back. Needs READ COMMITTED, the default isolation level.
 *
 * @throws ApiError ALREADY_EXISTS (REQUEST_ID_REUSED) if it was used with another fingerprint
 */
export async function rememberRequest(
  em: EntityManager,
  request: RememberedRequest,
): Promise<'new' | 'repeated'> {
  const key = [request.subject, request.method, request.requestId]
  const inserted = await query(em, insertRequest, [...key, request.fingerprint, request.resourceId])
  if (inserted.length > 0) return 'new'
  const [known] = await query<{ fingerprint: Uint8Array }>(em, findRequest, key)
  if (known === undefined) throw new Error(`request ${request.requestId} was there and is gone`)
  if (seenAs(known.fingerprint, request.fingerprint) === 'repeated') return 'repeated'
  throw requestIdReused(request.requestId)
}

/** Compares a request with the fingerprint that its id was remembered with; undefined means not remembered. */
export function seenAs(
  known: Uint8Array | undefined,
  fingerprint: Uint8Array,
): 'new' | 'repeated' | 'reused' {
  if (known === undefined) return 'new'
  return Buffer.compare(known, fingerprint) === 0 ? 'repeated' : 'reused'
}

export function requestIdReused(requestId: string): ApiError {
  return apiError(
    Code.ALREADY_EXISTS,
    ErrorReason.REQUEST_ID_REUSED,
    `The request id ${requestId} was used before with other fields; draw a new one for a new intention`,
  )
}

/**
 * The fingerprints of requests, in their order; undefined for those that are not remembered. Call this, and then
 * rememberRequests, under a lock that all requests of their subjects take. Without it a concurrent duplicate is not
 * seen.
 */
export async function findRequests(
  em: EntityManager,
  requests: readonly Pick<RememberedRequest, 'subject' | 'method' | 'requestId'>[],
): Promise<(Uint8Array | undefined)[]> {
  const rows = await query<{ fingerprint: Uint8Array | null }>(em, findFingerprints, [
    requests.map(({ subject }) => subject),
    requests.map(({ method }) => method),
    requests.map(({ requestId }) => requestId),
  ])
  return rows.map((row) => row.fingerprint ?? undefined)
}

/** Remembers requests that findRequests has not found. If one is remembered already, the transaction fails. */
export async function rememberRequests(
  em: EntityManager,
  requests: readonly RememberedRequest[],
): Promise<void> {
  if (requests.length > 0) await write(em, insertRequests, requestColumns(requests))
}

/** The resource that a remembered request has created or changed. */
export async function rememberedResource(
  em: EntityManager,
  request: Pick<RememberedRequest, 'subject' | 'method' | 'requestId'>,
): Promise<string> {
  const key = [request.subject, request.method, request.requestId]
  const [known] = await query<{ resource_id: string }>(em, findResource, key)
  if (known === undefined) throw new Error(`request ${request.requestId} was there and is gone`)
  return known.resource_id
}

/** Remembers requests whose effects a restore has brought back. Requests that are remembered already stay. */
export async function restoreRequests(
  em: EntityManager,
  requests: readonly RememberedRequest[],
): Promise<void> {
  if (requests.length > 0) await write(em, insertMissingRequests, requestColumns(requests))
}

function requestColumns(requests: readonly RememberedRequest[]): unknown[] {
  return [
    requests.map(({ subject }) => subject),
    requests.map(({ method }) => method),
    requests.map(({ requestId }) => requestId),
    requests.map(({ fingerprint }) => fingerprint),
    requests.map(({ resourceId }) => resourceId),
  ]
}

/**
 * The SHA-256 of a request's fields, equal for equal requests. The caller first clears fields that only change the
 * answer (such as `wait`).
 */
export function fingerprintOf<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): Uint8Array {
  const bytes = toBinary(schema, message, { writeUnknownFields: false })
  return createHash('sha256').update(bytes).digest()
}

const insertRequest = `
  INSERT INTO request (subject, method, request_id, fingerprint, resource_id) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT DO NOTHING
  RETURNING request_id`

const insertRequests = `
  INSERT INTO request (subject, method, request_id, fingerprint, resource_id)
  SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bytea[], $5::uuid[])`

const insertMissingRequests = `${insertRequests} ON CONFLICT DO NOTHING`

const findFingerprints = `
  SELECT fingerprint
  FROM unnest($1::text[], $2::text[], $3::uuid[]) WITH ORDINALITY AS wanted (subject, method, request_id, nth)
    LEFT JOIN request USING (subject, method, request_id)
  ORDER BY nth`

const findResource = `
  SELECT resource_id FROM request WHERE subject = $1 AND method = $2 AND request_id = $3`

const findRequest = `
  SELECT fingerprint FROM request WHERE subject = $1 AND method = $2 AND request_id = $3`
