import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { expect } from 'chai'
import { createReadiness } from '../lifecycle/readiness.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { createAuthenticator } from './auth.ts'
import { createClient } from './client.ts'
import { apiError, Code, ErrorReason } from './errors.ts'
import { createServer, implement } from './server.ts'

describe('the gRPC server', () => {
  let auth: TestAuth
  before(async () => {
    auth = await createTestAuth()
  })
  after(() => auth.dispose())

  it('answers a typed client', async () => {
    const service = implement(PointService, {
      getBalance: async (_request, call) => ({ balance: BigInt(call.subject.length) }),
      chargePoints: async (request) => ({ balance: request.amount }),
      listPointTransactions: async () => {
        throw apiError(Code.NOT_FOUND, ErrorReason.WALLET_NOT_FOUND, 'no wallet')
      },
    })
    const server = createServer({
      services: [service],
      auth: createAuthenticator({ ...auth, jwks: auth.jwksFile }),
      log: createLog({ service: 'test', level: 'silent' }),
      metrics: createMetrics('test'),
      address: '127.0.0.1:0',
      health: createReadiness(),
    })
    const address = await server.start()
    const client = createClient(PointService, address, { token: () => auth.token('alice') })
    try {
      expect((await client.getBalance({})).balance).to.equal(5n)
      const error = await client.listPointTransactions({}).catch((one: unknown) => one)
      expect(error).to.include({ code: Code.NOT_FOUND, reason: 'WALLET_NOT_FOUND' })
      const bad = await client.chargePoints({ requestId: 'x', amount: 0n }).catch((one: unknown) => one)
      expect(bad).to.include({ code: Code.INVALID_ARGUMENT, reason: 'FIELD_VIOLATION' })
      const n = 2000
      const started = process.cpuUsage()
      const token = await auth.token('alice')
      const c2 = createClient(PointService, address, { token: () => token })
      for (let i = 0; i < n; i += 20) await Promise.all(Array.from({ length: 20 }, () => c2.getBalance({})))
      const used = process.cpuUsage(started)
      console.log('cpu per call, client and server, us', (used.user + used.system) / n)
      c2.close()
    } finally {
      client.close()
      await server.stop()
    }
  })
})
