import { type Client, type ClientOptions, createClient } from '@boxoffice/common/grpc/client.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'

/** The APIs of the service that consumes for a group. */
export interface ServiceClient {
  readonly replays: Client<typeof ReplayService>
  readonly deadLetters: Client<typeof DeadLetterService>
  close(): void
}

export interface ServiceClientOptions {
  /** Returns the bearer token, called for every call. */
  token(): string
  readonly credentials: NonNullable<ClientOptions['credentials']>
}

/** Shorter than a lease: a leader that has lost it has no call on its way when the next one begins. */
const deadlineMs = 5_000

/** Clients of the services, by the consumer group of each. */
export function createServiceClients(
  addresses: ReadonlyMap<string, string>,
  { token, credentials }: ServiceClientOptions,
): ReadonlyMap<string, ServiceClient> {
  const options = { token, credentials, deadlineMs }
  return new Map(
    [...addresses].map(([group, address]) => {
      const replays = createClient(ReplayService, address, options)
      const deadLetters = createClient(DeadLetterService, address, options)
      const close = (): void => {
        replays.close()
        deadLetters.close()
      }
      return [group, { replays, deadLetters, close }]
    }),
  )
}
