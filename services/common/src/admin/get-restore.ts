import type { Restorer } from '@boxoffice/messaging/operations'
import { readRestore } from '@boxoffice/messaging/operations'
import {
  type GetRestoreRequest,
  type GetRestoreResponse,
  GetRestoreResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { Database } from '../postgres/database.ts'
import { toRestore } from './restore-message.ts'

/** GetRestore: a restore as it stands. */
export function getRestore(restorer: Restorer<Database>) {
  return async (request: GetRestoreRequest): Promise<GetRestoreResponse> => {
    const database = await restorer.database()
    return create(GetRestoreResponseSchema, {
      restore: toRestore(await readRestore(database.em(), request.restoreId)),
    })
  }
}
