import {
  type StartRestoreRequest,
  StartRestoreRequestSchema,
  type StartRestoreResponse,
  StartRestoreResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { CallContext } from '../grpc/call-context.ts'
import { apiError, Code, ErrorReason } from '../grpc/errors.ts'
import { fingerprintOf, rememberedResource, rememberRequest } from '../grpc/request-id.ts'
import { deriveResourceId } from '../outbox/message-id.ts'
import { holdDatabase } from '../restore/hold-database.ts'
import { insertRestore, readRestore, unfinishedRestore } from '../restore/restore-rows.ts'
import type { Restorer } from '../restore/restorer.ts'
import { operatorRole } from './operator.ts'

/** StartRestore: holds the database from the commit on, in one transaction with the restore that will release it. */
export function startRestore(restorer: Restorer) {
  return async (request: StartRestoreRequest, call: CallContext): Promise<StartRestoreResponse> => {
    call.requireRole(operatorRole)
    // The contract requires it, and every request is checked against the contract first.
    const from = timestampDate(request.from as Timestamp)
    if (from.getTime() > Date.now()) {
      throw apiError(
        Code.INVALID_ARGUMENT,
        ErrorReason.RESTORE_FROM_FUTURE,
        'The time to restore from has not come yet',
      )
    }
    const database = await restorer.database()
    const restoreId = await database.transaction((em) => begin(em, request, from, call.subject))
    restorer.wake()
    return create(StartRestoreResponseSchema, { restore: await readRestore(database.em(), restoreId) })
  }
}

/** Begins a restore, unless the same request has, or one from the same time is under way: that one is joined. */
async function begin(
  em: EntityManager,
  request: StartRestoreRequest,
  from: Date,
  subject: string,
): Promise<string> {
  const running = await unfinishedRestore(em)
  const restoreId = running?.restoreId ?? deriveResourceId(subject, request.requestId)
  const key = { subject, method: 'StartRestore', requestId: request.requestId }
  const seen = await rememberRequest(em, {
    ...key,
    fingerprint: fingerprintOf(StartRestoreRequestSchema, request),
    resourceId: restoreId,
  })
  if (seen === 'repeated') return await rememberedResource(em, key)
  if (running !== undefined) {
    if (running.from.getTime() === from.getTime()) return restoreId
    throw restoreRunning(running.restoreId, running.from)
  }
  await insertRestore(em, { restoreId, from, startedBy: subject })
  await holdDatabase(em)
  return restoreId
}

function restoreRunning(restoreId: string, from: Date): Error {
  return apiError(
    Code.FAILED_PRECONDITION,
    ErrorReason.RESTORE_RUNNING,
    `Another restore is under way, from ${from.toISOString()}: ${restoreId}`,
    { restore_id: restoreId },
  )
}
