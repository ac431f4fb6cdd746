import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { implement, type ServiceImplementation } from '../grpc/implement.ts'
import type { AdminParts } from './admin-parts.ts'
import { discardDeadLetter } from './discard-dead-letter.ts'
import { getDeadLetter } from './get-dead-letter.ts'
import { listDeadLetters } from './list-dead-letters.ts'
import { redriveDeadLetters } from './redrive-dead-letters.ts'

/** The operators' way to what the service's consumer has put aside. */
export function deadLetterService(parts: AdminParts): ServiceImplementation {
  return implement(DeadLetterService, {
    listDeadLetters: listDeadLetters(parts),
    getDeadLetter: getDeadLetter(parts),
    redriveDeadLetters: redriveDeadLetters(parts),
    discardDeadLetter: discardDeadLetter(parts),
  })
}
