import type { Restorer } from '@boxoffice/messaging/operations'
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
import type { EntityManager } from '../postgres/entity-manager.ts'
import { toRestore } from './restore-message.ts'

/** StartRestore: holds the database and brings it up to what the service has published. */
export function startRestore(restorer: Restorer<EntityManager>) {
  return async (request: StartRestoreRequest, { subject }: CallContext): Promise<StartRestoreResponse> => {
    const restore = await restorer.start({
      restoreId: deriveResourceId(subject, request.requestId),
      // The contract requires it, and every request is checked against the contract first.
      from: timestampDate(request.from as Timestamp),
      acceptGone: request.acceptGone,
      subject,
      async remember(em, resourceId) {
        const call = callOf(StartRestoreRequestSchema, request, { subject, resourceId })
        return (await rememberRequest(em, call)) === 'new' ? undefined : await rememberedResource(em, call)
      },
    })
    return create(StartRestoreResponseSchema, { restore: toRestore(restore) })
  }
}
