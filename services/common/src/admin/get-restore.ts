import type { Restorer } from '@boxoffice/messaging/operations'
import {
  type GetRestoreRequest,
  type GetRestoreResponse,
  GetRestoreResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toRestore } from './restore-message.ts'

/** GetRestore: a restore and how far it has come. */
export function getRestore(restorer: Restorer) {
  return async ({ restoreId }: GetRestoreRequest): Promise<GetRestoreResponse> =>
    create(GetRestoreResponseSchema, { restore: toRestore(await restorer.read(restoreId)) })
}
