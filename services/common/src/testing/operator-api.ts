import type { MessageHandler } from '@boxoffice/messaging'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { RestoreService } from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import type { Restorer } from '../../messaging/restore/restorer.ts'
import { adminServices } from '../admin/admin-services.ts'
import { createClient } from '../grpc/client.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { createTestAuth } from './auth.ts'
import type { ConsumerFixture } from './consumer-fixture.ts'
import { startTestServer } from './grpc.ts'

/** The operators' services of a consumer under test, on a real socket. */
export async function startOperatorApi(
  fixture: ConsumerFixture,
  name: string,
  handler: MessageHandler<EntityManager>,
  restorer?: Restorer<EntityManager>,
) {
  const { kafka, db } = fixture
  const auth = await createTestAuth()
  const services = adminServices({ name, handler, database: db.database, kafka }, restorer)
  const server = await startTestServer(services, auth)
  const as = (subject: string, roles: readonly string[]) => {
    const options = { token: () => auth.token(subject, { roles }), deadlineMs: 30_000 }
    const replays = createClient(ReplayService, server.address, options)
    const consumers = createClient(ConsumerService, server.address, options)
    const letters = createClient(DeadLetterService, server.address, options)
    const restores = createClient(RestoreService, server.address, options)
    clients.push(replays, consumers, letters, restores)
    return { ...replays, ...consumers, ...letters, ...restores }
  }
  const clients: { close(): void }[] = []
  return {
    ...as('olga', ['operator']),
    as,
    address: server.address,
    token: (subject: string, roles: readonly string[]) => auth.token(subject, { roles }),
    async stop() {
      for (const client of clients) client.close()
      await server.stop()
      await auth.dispose()
    },
  }
}

export type OperatorApi = Awaited<ReturnType<typeof startOperatorApi>>
