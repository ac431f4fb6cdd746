import type { OutputStretch, Restorer } from '@boxoffice/messaging/operations'
import {
  holdDatabase,
  insertRestore,
  passOverFormerTopics,
  readRestore,
  unfinishedRestore,
} from '@boxoffice/messaging/operations'
import {
  type StartRestoreRequest,
  StartRestoreRequestSchema,
  type StartRestoreResponse,
  StartRestoreResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt'
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberedResource, rememberRequest } from '../grpc/request-id.ts'
import { deriveResourceId } from '../grpc/resource-id.ts'
import type { Database } from '../postgres/database.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { ApiError, apiError, Code, ErrorReason } from '../status/errors.ts'
import { toRestore } from './restore-message.ts'

/** StartRestore: holds the database from the commit on, in one transaction with the restore that will release it. */
export function startRestore(restorer: Restorer<Database>) {
  return async (request: StartRestoreRequest, call: CallContext): Promise<StartRestoreResponse> => {
    // The contract requires it, and every request is checked against the contract first.
    const from = timestampDate(request.from as Timestamp)
    if (from.getTime() > Date.now()) throw fromFuture('The time to restore from has not come yet')
    const database = await restorer.database()
    const running = await unfinishedRestore(database.em())
    const found =
      running === undefined
        ? { output: await restorer.outputSince(from), newest: await restorer.newestBefore(from) }
        : undefined
    const restoreId = await database.transaction((em) => begin(em, request, from, call.subject, found))
    if (running?.phase === 'READING' && request.acceptGone) {
      const output = await restorer.outputSince(from)
      await database.transaction((em) => passOverFormerTopics(em, restoreId, output))
    }
    restorer.wake()
    return create(StartRestoreResponseSchema, {
      restore: toRestore(await readRestore(database.em(), restoreId)),
    })
  }
}

/** What a new restore would find, as it was before its request was remembered. */
interface Found {
  readonly output: readonly OutputStretch[]
  /** The newest time that the database knows, if that is before the time to restore from. */
  readonly newest: Date | undefined
}

/** Begins a restore, unless the same request has, or one from the same time is under way: that one is joined. */
async function begin(
  em: EntityManager,
  request: StartRestoreRequest,
  from: Date,
  subject: string,
  found: Found | undefined,
): Promise<string> {
  const running = await unfinishedRestore(em)
  const restoreId = running?.restoreId ?? deriveResourceId(subject, request.requestId)
  const remembered = callOf(StartRestoreRequestSchema, request, { subject, resourceId: restoreId })
  const seen = await rememberRequest(em, remembered)
  if (seen === 'repeated') return await rememberedResource(em, remembered)
  if (running !== undefined) {
    if (running.from.getTime() === from.getTime()) return restoreId
    throw restoreRunning(running.restoreId, running.from)
  }
  if (found === undefined) throw endedJustNow()
  if (found.newest !== undefined) throw tooLate(from, found.newest)
  if (!request.acceptGone) refuseGone(found.output, from)
  await insertRestore(em, { restoreId, from, startedBy: subject })
  await holdDatabase(em)
  return restoreId
}

/** A backup knows nothing from after it was taken: what was published between its newest time and a later one would be lost. */
function tooLate(from: Date, newest: Date): Error {
  const [asked, known] = [from.toISOString(), newest.toISOString()]
  return fromFuture(
    `The newest that the database knows is of ${known}: its backup may be older than ${asked}. Restore from a minute before ${known}`,
  )
}

function refuseGone(output: readonly OutputStretch[], from: Date): void {
  const holes = output.filter(({ gone }) => gone > 0n)
  if (holes.length === 0) return
  const lost = holes.reduce((sum, { gone }) => sum + gone, 0n)
  const named = holes
    .slice(0, namedMax)
    .map(({ topic, partition, gone }) => `${topic}/${partition} (${gone})`)
    .join(', ')
  const more = holes.length > namedMax ? ` and ${holes.length - namedMax} more partitions` : ''
  throw apiError(
    Code.FAILED_PRECONDITION,
    ErrorReason.RECORDS_GONE,
    `Up to ${lost} records that were published since ${from.toISOString()} have left retention: ${named}${more}. What they told stays missing`,
    { lost: String(lost) },
  )
}

/** Partitions that a refusal names. */
const namedMax = 12

function fromFuture(message: string): Error {
  return apiError(Code.INVALID_ARGUMENT, ErrorReason.RESTORE_FROM_FUTURE, message)
}

function endedJustNow(): Error {
  const message = 'The restore that was under way has ended just now; try again'
  return new ApiError({ code: Code.UNAVAILABLE, reason: 'NOT_READY', message })
}

function restoreRunning(restoreId: string, from: Date): Error {
  return apiError(
    Code.FAILED_PRECONDITION,
    ErrorReason.RESTORE_RUNNING,
    `Another restore is under way, from ${from.toISOString()}: ${restoreId}`,
    { restore_id: restoreId },
  )
}
