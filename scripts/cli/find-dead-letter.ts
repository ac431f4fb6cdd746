import type { DeadLetter } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import type { ServiceName } from '../platform/databases.ts'
import { askEachService } from './ask-each-service.ts'
import type { Session } from './session.ts'

export interface FoundDeadLetter {
  readonly service: ServiceName
  readonly deadLetter: DeadLetter
}

/**
 * Finds a dead letter by its id, in any service. @throws RemoteError if no service has it, or one cannot be reached
 */
export async function findDeadLetter(session: Session, deadLetterId: string): Promise<FoundDeadLetter> {
  return await askEachService(async (service) => {
    const letters = session.operator(DeadLetterService, service)
    const { deadLetter } = await letters.getDeadLetter({ deadLetterId }, { signal: session.signal })
    return { service, deadLetter: presentDeadLetter(deadLetter) }
  }, 'DEAD_LETTER_NOT_FOUND')
}

export function presentDeadLetter(deadLetter: DeadLetter | undefined): DeadLetter {
  if (deadLetter === undefined) throw new Error('the answer holds no dead letter')
  return deadLetter
}
