import {
  type GetRestoreRequest,
  type GetRestoreResponse,
  GetRestoreResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { readRestore } from '../restore/restore-rows.ts'
import type { Restorer } from '../restore/restorer.ts'
import { operatorRole } from './operator.ts'

/** GetRestore: a restore as it stands. */
export function getRestore(restorer: Restorer) {
  return async (request: GetRestoreRequest, call: CallContext): Promise<GetRestoreResponse> => {
    call.requireRole(operatorRole)
    const database = await restorer.database()
    return create(GetRestoreResponseSchema, { restore: await readRestore(database.em(), request.restoreId) })
  }
}
