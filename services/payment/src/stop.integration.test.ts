import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createTestAuth, type TestAuth } from '@boxoffice/common/testing/auth.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { expect } from 'chai'
import { entities } from './storage/entities.ts'
import { migrations } from './storage/migrations.ts'

describe('a payment service whose brokers hang', () => {
  let test: TestDatabase
  let auth: TestAuth
  let broker: SilentBroker
  let service: ChildProcess
  let log = ''

  before(async () => {
    test = await createTestDatabase({ entities, migrations })
    auth = await createTestAuth()
    broker = await startSilentBroker()
  })
  after(async () => {
    service?.kill('SIGKILL')
    broker?.close()
    await auth?.dispose()
    await test?.drop()
  })

  it('stops in order, within its deadline', async () => {
    // The service judges the deadline only after reading point-events to its end, which Kafka never reports here.
    await query(test.database.em(), insertOverdue)
    service = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: test.url,
        KAFKA_BROKERS: broker.address,
        AUTH_JWKS: auth.jwksFile,
        SHUTDOWN_DEADLINE_MS: '10s',
      },
    })
    service.stdout?.on('data', (chunk) => {
      log += chunk
    })
    await broker.isAsked(everyClient)
    service.kill('SIGTERM')
    const [exitCode] = await once(service, 'exit')
    expect(exitCode, log).to.equal(0)
  })
})

/** The clients: consumer, tail of payment-events, pruning of the inbox, lag, and deadline that waits for answers. */
const everyClient = 5

const insertOverdue = `
  INSERT INTO payment (payment_id, user_id, reservation_id, amount, points, seats, refund, status, sequence, deadline, ask_again_at)
  VALUES (gen_random_uuid(), 'ada', gen_random_uuid(), 1, 'UNKNOWN', 'UNKNOWN', 'NONE', 'PENDING', 1, now(), now() + interval '1 h')`

/** Accepts connections and never answers, as a broker that hangs does. */
interface SilentBroker {
  readonly address: string
  /** Waits until so many clients have sent a request. */
  isAsked(clients: number): Promise<void>
  close(): void
}

async function startSilentBroker(): Promise<SilentBroker> {
  const askers = new Set<Socket>()
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => askers.add(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async isAsked(clients) {
      const deadline = Date.now() + 20_000
      while (askers.size < clients) {
        if (Date.now() > deadline) throw new Error(`${askers.size} of ${clients} clients have asked`)
        await new Promise((wake) => setTimeout(wake, 20))
      }
    },
    close() {
      for (const socket of askers) socket.destroy()
      server.close()
    },
  }
}
