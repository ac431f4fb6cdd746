import { RemoteError } from '@boxoffice/common/status/errors.ts'
import type { ServiceName } from '../platform/databases.ts'
import { consumerNames } from './arguments.ts'

/**
 * Asks one service after the other for something that only one of them has.
 *
 * @param unknown - the reason of a service that does not have it
 * @throws RemoteError if no service has it, or one refuses the question or cannot be reached
 */
export async function askEachService<Found>(
  ask: (service: ServiceName) => Promise<Found>,
  unknown: string,
): Promise<Found> {
  let refusal: unknown
  for (const service of consumerNames) {
    try {
      return await ask(service)
    } catch (error) {
      if (!(error instanceof RemoteError) || error.reason !== unknown) throw error
      refusal = error
    }
  }
  throw refusal
}
