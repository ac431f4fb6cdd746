import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'
import {
  ReplayPartitionSchema,
  ReplayPhase,
  ReplaySchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { Metadata } from '@grpc/grpc-js'
import type { ServiceClient } from '../services/service-clients.ts'

/** A service with one replay, which makes progress at each look. */
export interface FakeService {
  readonly client: ServiceClient
  /** The calls so far, by name, in order. */
  readonly calls: readonly string[]
  /** The state of its replay from the next look on. */
  phase: ReplayPhase
  /** The error of each call while it is set. */
  failure: (() => Error) | undefined
}

export function fakeService(): FakeService {
  const calls: string[] = []
  const partition = create(ReplayPartitionSchema, { topic: 'point-commands', untilOffset: 1_000n })
  let reread = 0n
  const call =
    <T>(name: string, answer: () => T) =>
    async (): Promise<T> => {
      calls.push(name)
      if (service.failure !== undefined) throw service.failure()
      return answer()
    }
  const replay = () => ({
    replay: create(ReplaySchema, {
      replayId: 'r-1',
      phase: service.phase,
      partitions: [partition],
      reread: reread++,
    }),
  })
  const replays = {
    dryRunReplay: call('plan', () => ({ partitions: [partition] })),
    startReplay: call('start', replay),
    getReplay: call('look', replay),
    cancelReplay: call('cancel', replay),
  }
  const service: FakeService = {
    client: { replays } as unknown as ServiceClient,
    calls,
    phase: ReplayPhase.RUNNING,
    failure: undefined,
  }
  return service
}

/** The error as gRPC words it: with the times of the attempt. */
export function unreachable(): RemoteError {
  const details = `Deadline exceeded after ${Math.random()}s, LB pick: ${Math.random()}s, remote_addr=…`
  const error = Object.assign(new Error(details), {
    code: Code.UNAVAILABLE,
    details,
    metadata: new Metadata(),
  })
  return new RemoteError(error, { reason: '', metadata: {}, fieldViolations: [] })
}
