import { RemoteError } from '@boxoffice/common/grpc/errors.ts'
import type { DeadLetter } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import type { ServiceName } from '../platform/databases.ts'
import { consumerNames } from './arguments.ts'
import type { Session } from './session.ts'

export interface FoundDeadLetter {
  readonly service: ServiceName
  readonly deadLetter: DeadLetter
}

/** Asks one service after the other for a dead letter. @throws RemoteError if none knows it, or one cannot be asked */
export async function findDeadLetter(session: Session, deadLetterId: string): Promise<FoundDeadLetter> {
  let unknown: unknown
  for (const service of consumerNames) {
    try {
      const letters = session.operator(DeadLetterService, service)
      const { deadLetter } = await letters.getDeadLetter({ deadLetterId }, { signal: session.signal })
      return { service, deadLetter: presentDeadLetter(deadLetter) }
    } catch (error) {
      if (!(error instanceof RemoteError) || error.reason !== 'DEAD_LETTER_NOT_FOUND') throw error
      unknown = error
    }
  }
  throw unknown
}

export function presentDeadLetter(deadLetter: DeadLetter | undefined): DeadLetter {
  if (deadLetter === undefined) throw new Error('the answer holds no dead letter')
  return deadLetter
}
