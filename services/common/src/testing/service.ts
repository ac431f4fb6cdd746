import type { MessageHandler, OutboxMessage, ReceivedMessage } from '@boxoffice/messaging'
import { appendToOutbox } from '@boxoffice/messaging'
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2'
import { type Client, createClient } from '../grpc/client.ts'
import type { ServiceImplementation } from '../grpc/server.ts'
import type { Database, DatabaseOptions } from '../postgres/database.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import type { Rights } from '../postgres/rights.ts'
import { createTestAuth } from './auth.ts'
import { createTestDatabase } from './database.ts'
import { startTestServer } from './grpc.ts'

/** A service on a fresh database, served by a real gRPC server, without Kafka. */
export interface TestService<Methods extends GenServiceMethods> {
  /** The database as a superuser, for tests that arrange or inspect. */
  readonly database: Database
  /** The database with the rights of the service only: serving and handling use this one. */
  readonly serviceDatabase: Database
  /** The address of the server. */
  readonly address: string
  token(subject: string, roles?: readonly string[]): Promise<string>
  /** A client that calls as `subject`; anonymous without one. */
  as(subject?: string, roles?: readonly string[]): Client<GenService<Methods>>
  /** Applies messages as the consumer does, in one transaction, and returns the messages that it sends. */
  handle(
    handler: MessageHandler<EntityManager>,
    messages: readonly ReceivedMessage[],
  ): Promise<readonly OutboxMessage[]>
  stop(): Promise<void>
}

/** Many callers wait for their turns on a busy machine; no call may fail because of this time. */
const deadlineMs = 50_000

export async function startTestService<Methods extends GenServiceMethods>(
  service: GenService<Methods>,
  options: Pick<DatabaseOptions, 'entities' | 'migrations'> & { readonly rights: Rights },
  implementation: (database: Database) => ServiceImplementation,
): Promise<TestService<Methods>> {
  const timeouts = { connectMs: deadlineMs, lockMs: deadlineMs }
  const [test, auth] = await Promise.all([createTestDatabase({ ...options, timeouts }), createTestAuth()])
  const serviceDatabase = await test.asService()
  const server = await startTestServer([implementation(serviceDatabase)], auth)
  const clients: { close(): void }[] = []
  return {
    database: test.database,
    serviceDatabase,
    address: server.address,
    token: (subject, roles = []) => auth.token(subject, { roles }),
    as(subject, roles = []) {
      const token = subject === undefined ? undefined : auth.token(subject, { roles })
      const client = createClient(
        service,
        server.address,
        token === undefined ? { deadlineMs } : { deadlineMs, token: () => token },
      )
      clients.push(client)
      return client
    },
    handle: (handler, messages) =>
      serviceDatabase.transaction(async (em) => {
        const { outbox } = await handler.handle(em, messages)
        await appendToOutbox(em, outbox)
        return outbox
      }),
    async stop() {
      for (const client of clients) client.close()
      await server.stop()
      await auth.dispose()
      await serviceDatabase.close()
      await test.drop()
    },
  }
}
