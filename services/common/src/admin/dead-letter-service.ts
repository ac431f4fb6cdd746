import { createDeadLetters } from '@boxoffice/messaging/operations'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { implement, type ServiceImplementation } from '../grpc/implement.ts'
import type { AdminParts } from './admin-parts.ts'
import { discardDeadLetter } from './discard-dead-letter.ts'
import { getDeadLetter } from './get-dead-letter.ts'
import { listDeadLetters } from './list-dead-letters.ts'
import { redriveDeadLetters } from './redrive-dead-letters.ts'
import { redriveReceipts } from './redrive-receipt.ts'

/** The operators' way to what the service's consumer has put aside. */
export function deadLetterService(parts: AdminParts): ServiceImplementation {
  const { name, database } = parts
  const deadLetters = createDeadLetters({
    ...parts,
    source: `boxoffice/${name}`,
    receipts: redriveReceipts,
  })
  return implement(DeadLetterService, {
    listDeadLetters: listDeadLetters(deadLetters, database),
    getDeadLetter: getDeadLetter(deadLetters),
    redriveDeadLetters: redriveDeadLetters(deadLetters),
    discardDeadLetter: discardDeadLetter(deadLetters),
  })
}
