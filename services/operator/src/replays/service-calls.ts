import type {
  Replay,
  ReplayPartition,
  ReplayRangeSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { ServiceClient } from '../services/service-clients.ts'
import type { ReplayResource } from './resource.ts'

type Range = MessageInitShape<typeof ReplayRangeSchema>

/** Asks what the service's replay would do. */
export async function planReplay(
  { replays }: ServiceClient,
  resource: ReplayResource,
  signal: AbortSignal,
): Promise<readonly ReplayPartition[]> {
  return (await replays.dryRunReplay({ range: rangeOf(resource) }, { signal })).partitions
}

/**
 * Starts the one replay of a resource, or reads its state: its request id is the resource's uid, so any number of
 * calls by any number of operators starts one replay.
 */
export async function startReplay(
  { replays }: ServiceClient,
  resource: ReplayResource,
  signal: AbortSignal,
): Promise<Replay> {
  const { replay } = await replays.startReplay(
    { requestId: requestIdOf(resource), range: rangeOf(resource) },
    { signal },
  )
  return present(replay)
}

export async function lookAtReplay(
  { replays }: ServiceClient,
  replayId: string,
  signal: AbortSignal,
): Promise<Replay> {
  return present((await replays.getReplay({ replayId }, { signal })).replay)
}

/**
 * Ends what a resource may have started. If it is not known whether it was started, it is started first: a start
 * request that is still on its way then finds it cancelled.
 */
export async function cancelReplay(
  client: ServiceClient,
  resource: ReplayResource,
  signal: AbortSignal,
): Promise<Replay> {
  const replayId = resource.status?.replayId ?? (await startReplay(client, resource, signal)).replayId
  const { replay } = await client.replays.cancelReplay(
    { requestId: requestIdOf(resource), replayId },
    { signal },
  )
  return present(replay)
}

function requestIdOf({ metadata: { uid } }: ReplayResource): string {
  return present(uid)
}

function rangeOf({ spec: { group, topics = [], from } }: ReplayResource): Range {
  return { consumer: group, topics: [...topics], from: startOf(from) }
}

function startOf({ time, offset }: ReplayResource['spec']['from']): NonNullable<Range['from']> {
  if (time !== undefined) return { case: 'time', value: timestampFromDate(new Date(time)) }
  if (offset !== undefined) return { case: 'offset', value: BigInt(offset) }
  return { case: 'earliest', value: true }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an answer lacks what its contract promises')
  return value
}
