import { randomUUID } from 'node:crypto'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import {
  type DeadLetter,
  DeadLetterReasonSchema,
  DeadLetterState,
  DiscardOutcome,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { signToken } from '../../scripts/platform/auth.ts'
import { present } from './customer.ts'
import type { TestSystem } from './shared-system.ts'
import { waitUntil } from './wait-until.ts'

/** The service whose consumer reads each topic; nothing consumes payment-events but tails and the console. */
export const readerOf = {
  'point-commands': 'point',
  'reservation-commands': 'reservation',
  'point-events': 'payment',
  'reservation-events': 'payment',
} as const

type Reader = (typeof readerOf)[keyof typeof readerOf]
export const readers: readonly Reader[] = ['payment', 'point', 'reservation']

/** What an operator sees and does of the records that consumers have put aside. */
export interface RecordsPutAside {
  /** Waits until `count` records are put aside, and returns the reasons. */
  reasons(reader: Reader, count: number): Promise<string[]>
  putAside(reader: Reader): Promise<DeadLetter[]>
  /** Discards what each consumer has put aside. */
  discardAll(): Promise<void>
}

/** @param system - returns the system once it runs */
export function recordsPutAside(system: () => TestSystem): RecordsPutAside {
  return { reasons, putAside, discardAll }

  async function reasons(reader: Reader, count: number): Promise<string[]> {
    const letters = await waitUntil(`${count} put aside by ${reader}`, async () => {
      const all = await putAside(reader)
      return all.length >= count && all
    })
    return letters.map(({ reason }) => nameOf(reason))
  }

  async function putAside(reader: Reader): Promise<DeadLetter[]> {
    return await asOperator(reader, async (letters) => {
      const filter = { state: DeadLetterState.PUT_ASIDE }
      return (await letters.listDeadLetters({ filter, pageSize: 100 })).deadLetters
    })
  }

  async function discardAll(): Promise<void> {
    for (const reader of readers) {
      for (const { deadLetterId } of await putAside(reader)) {
        await asOperator(reader, async (letters) => {
          const give = (outcome: DiscardOutcome) =>
            letters.discardDeadLetter({ requestId: randomUUID(), deadLetterId, reason: 'forged', outcome })
          // An answer's own outcome cannot be recorded if it contradicts what the service knows.
          await give(DiscardOutcome.REFUSED).catch(() => give(DiscardOutcome.DONE))
        })
      }
    }
  }

  async function asOperator<T>(
    reader: Reader,
    ask: (letters: ReturnType<typeof letterClient>) => Promise<T>,
  ): Promise<T> {
    const token = await signToken(system().auth, { subject: 'olga', roles: ['operator'] })
    const client = letterClient(reader, token)
    try {
      return await ask(client)
    } finally {
      client.close()
    }
  }

  function letterClient(reader: Reader, token: string) {
    const { services, tlsCaFile } = system().addresses
    const credentials = clientCredentials(tlsCaFile)
    return createClient(DeadLetterService, present(services[reader].grpc[0]), {
      ...{ token: () => token, deadlineMs: 30_000, credentials },
    })
  }
}

export function nameOf(reason: DeadLetter['reason']): string {
  return DeadLetterReasonSchema.value[reason]?.localName ?? ''
}
