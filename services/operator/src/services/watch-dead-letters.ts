import { RemoteError } from '@boxoffice/common/status/errors.ts'
import { pause } from '@boxoffice/pacing'
import { DeadLetterState } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { DeadLetters } from '../consumer-groups/decide-status.ts'
import { rfc3339 } from '../kubernetes/resource.ts'
import type { ServiceClient } from './service-clients.ts'

/** The last answer of each service about its dead letters, by group. */
export interface DeadLetterWatch {
  of(group: string): DeadLetters | undefined
  readonly stopped: Promise<void>
}

/** Asks every service regularly, until the signal. */
export function watchDeadLetters(
  services: ReadonlyMap<string, ServiceClient>,
  { intervalMs, signal }: { readonly intervalMs: number; readonly signal: AbortSignal },
): DeadLetterWatch {
  const latest = new Map<string, DeadLetters>()
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await Promise.all(
        [...services].map(async ([group, service]) => {
          latest.set(group, await countDeadLetters(group, service, signal))
        }),
      )
      await pause(intervalMs, signal)
    }
  }
  return { of: (group) => latest.get(group), stopped: run() }
}

/** Reads a page of one: it has the oldest dead letter, and the number of all. */
async function countDeadLetters(
  consumer: string,
  { deadLetters }: ServiceClient,
  signal: AbortSignal,
): Promise<DeadLetters> {
  try {
    const filter = { consumer, state: DeadLetterState.PUT_ASIDE }
    const page = await deadLetters.listDeadLetters({ filter, pageSize: 1 }, { signal })
    const putAsideAt = page.deadLetters[0]?.createTime
    return {
      count: page.totalSize,
      ...(putAsideAt === undefined ? {} : { oldestTime: rfc3339(timestampDate(putAsideAt)) }),
    }
  } catch (error) {
    const why = error instanceof RemoteError && error.reason !== '' ? error.reason : 'no answer'
    return { unreachable: `The service of ${consumer} cannot be asked: ${why}` }
  }
}
