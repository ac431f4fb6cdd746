import { randomUUID } from 'node:crypto'
import { createAuthenticator } from '@boxoffice/common/grpc/auth.ts'
import { type Client, createClient } from '@boxoffice/common/grpc/client.ts'
import { createServer } from '@boxoffice/common/grpc/server.ts'
import { createReadiness } from '@boxoffice/common/lifecycle/readiness.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { createTestAuth } from '@boxoffice/common/testing/auth.ts'
import { createTestDatabase } from '@boxoffice/common/testing/database.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { timestampNow } from '@bufbuild/protobuf/wkt'
import { reservationService } from '../api/reservation-service.ts'
import { entities } from '../storage/entities.ts'
import { CreateConcerts } from '../storage/migrations/0001-create-concerts.ts'

export type ReservationClient = Client<typeof ReservationService>

/** The reservation service over a fresh database, served by a real gRPC server: what is missing is Kafka. */
export interface RunningReservation {
  readonly database: Database
  /** A client that calls as `subject`; as nobody without one. */
  as(subject?: string, roles?: readonly string[]): ReservationClient
  /** Makes a concert with one section, A, of one price; returns its id. */
  createConcert(section: { rows: number; seatsPerRow: number; price?: bigint }): Promise<string>
  stop(): Promise<void>
}

/** A crowd of callers on a busy machine waits its turn; none of them is to be turned away for the time it takes. */
const deadlineMs = 50_000
const patient = { connectMs: deadlineMs, lockMs: deadlineMs }

export async function startReservation({ holdDurationMs = 300_000 } = {}): Promise<RunningReservation> {
  const [test, auth] = await Promise.all([
    createTestDatabase({ entities, migrations: [CreateConcerts], timeouts: patient }),
    createTestAuth(),
  ])
  const health = createReadiness()
  health.set(true)
  const server = createServer({
    services: [reservationService(test.database, { holdDurationMs })],
    auth: createAuthenticator({ ...auth, jwks: auth.jwksFile }),
    log: createLog({ service: 'reservation', level: 'silent' }),
    metrics: createMetrics('reservation'),
    address: '127.0.0.1:0',
    health,
  })
  const address = await server.start()
  const clients: ReservationClient[] = []
  const as = (subject?: string, roles: readonly string[] = []): ReservationClient => {
    const token = subject === undefined ? undefined : auth.token(subject, { roles })
    const client = createClient(
      ReservationService,
      address,
      token === undefined ? { deadlineMs } : { deadlineMs, token: () => token },
    )
    clients.push(client)
    return client
  }
  return {
    database: test.database,
    as,
    async createConcert({ rows, seatsPerRow, price = 100n }) {
      const { concert } = await as('organizer', ['admin']).createConcert({
        requestId: randomUUID(),
        title: 'a concert',
        startTime: timestampNow(),
        sections: [{ name: 'A', rows, seatsPerRow, price }],
      })
      return concert?.concertId ?? ''
    },
    async stop() {
      for (const client of clients) client.close()
      await server.stop()
      await auth.dispose()
      await test.drop()
    },
  }
}

/** What a call was refused with; fails if it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    return error
  }
  throw new Error('the call was not refused')
}
