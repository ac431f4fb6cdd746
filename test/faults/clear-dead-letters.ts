import { randomUUID } from 'node:crypto'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { DeadLetterState, DiscardOutcome } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { signToken } from '../../scripts/platform/auth.ts'
import { type ServiceName, serviceNames } from '../../scripts/platform/databases.ts'
import { present } from '../support/customer.ts'
import type { World } from './world.ts'

const reason = 'written by the fault harness'

/**
 * Clears dead letters as an operator would: redrives those that can be handled now, and discards those that never can.
 */
export async function clearDeadLetters(world: World): Promise<void> {
  const { auth } = world.system
  const token = await signToken(auth, { subject: 'fault-harness', roles: ['operator'] })
  await Promise.all(serviceNames.map((service) => clearService(world, service, token)))
}

async function clearService(world: World, service: ServiceName, token: string): Promise<void> {
  const address = present(world.system.addresses.services[service].grpc[0])
  const client = createClient(DeadLetterService, address, { token: () => token, deadlineMs: 30_000 })
  try {
    await client.redriveDeadLetters({
      requestId: randomUUID(),
      selection: { case: 'filter', value: {} },
      maxMessages: 1_000,
    })
    const { deadLetters } = await client.listDeadLetters({
      filter: { state: DeadLetterState.PUT_ASIDE },
      pageSize: 200,
    })
    for (const { deadLetterId, outcomeRequired } of deadLetters) {
      const outcome = outcomeRequired ? DiscardOutcome.REFUSED : DiscardOutcome.UNSPECIFIED
      await client
        .discardDeadLetter({ requestId: randomUUID(), deadLetterId, reason, outcome })
        // A letter that contradicts what is recorded was not our poison: it stays, and the checkers report it.
        .catch(() => {})
    }
    // This releases the keys that have no dead letter left.
    await client.redriveDeadLetters({
      requestId: randomUUID(),
      selection: { case: 'filter', value: {} },
      maxMessages: 1_000,
    })
  } finally {
    client.close()
  }
}
