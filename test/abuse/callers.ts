import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from '@boxoffice/common/grpc/client.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { fromServiceError } from '@boxoffice/common/status/errors.ts'
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2'
import { type ChannelOptions, Client as GrpcClient, Metadata } from '@grpc/grpc-js'
import { signToken } from '../../scripts/platform/auth.ts'
import type { ServiceName } from '../../scripts/platform/databases.ts'
import type { Target } from './attack.ts'

const callDeadlineMs = 5_000

/** A token as the identity provider gives it to a user who signs in. */
export function tokenFor(target: Target, subject = `abuser-${randomUUID()}`, roles: readonly string[] = []) {
  return signToken(target.auth, { subject, roles })
}

/** An ordinary client of a service. */
export function clientOf<Methods extends GenServiceMethods>(
  target: Target,
  service: GenService<Methods>,
  name: ServiceName,
  token: string,
): Client<GenService<Methods>> {
  return createClient(service, target.services[name], {
    token: () => token,
    deadlineMs: callDeadlineMs,
    credentials: clientCredentials(target.caFile),
  })
}

/** A separate connection that can send any bytes to any method. */
export function openConnection(target: Target, name: ServiceName, options: ChannelOptions = {}) {
  const client = new GrpcClient(target.services[name], clientCredentials(target.caFile), {
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  })
  return {
    /** Sends bytes to `service/Method` and waits for the answer. @throws RemoteError if the call is refused */
    async call(method: string, bytes: Uint8Array, token?: string): Promise<Buffer> {
      const metadata = new Metadata()
      if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
      const deadline = Date.now() + callDeadlineMs
      return await new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          `/${method}`,
          unchanged,
          unchanged,
          Buffer.from(bytes),
          metadata,
          { deadline },
          (error, answer) => (error ? reject(fromServiceError(error)) : resolve(answer ?? Buffer.alloc(0))),
        )
      })
    },
    close: () => client.close(),
  }
}

function unchanged(bytes: Buffer): Buffer {
  return bytes
}

/** Runs `step` in `workers` parallel loops until `over` is aborted. A step reports its own failures to its tally. */
export async function inParallel(
  workers: number,
  over: AbortSignal,
  step: (worker: number) => Promise<unknown>,
): Promise<void> {
  const loops = Array.from({ length: workers }, async (_, worker) => {
    while (!over.aborted) await step(worker)
  })
  await Promise.all(loops)
}

/** Waits until the attack is over. */
export async function untilOver(over: AbortSignal): Promise<void> {
  while (!over.aborted) await sleep(50)
}
