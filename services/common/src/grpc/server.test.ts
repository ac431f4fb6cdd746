import { Writable } from 'node:stream'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { expect } from 'chai'
import { pino } from 'pino'
import { apiError, Code, ErrorReason } from '../status/errors.ts'
import { logOptions } from '../telemetry/log.ts'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { expectDefect } from '../testing/defects.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { refusalOf } from '../testing/refusal.ts'
import { type Client, type ClientOptions, createClient } from './client.ts'
import { type CallContext, implement } from './server.ts'

const paymentId = '5a0c7b5e-8b7b-4a53-9c3a-0d2f5b6f3a10'

describe('the gRPC server', () => {
  let auth: TestAuth
  let server: TestServer
  let client: Client<typeof CheckoutService>
  let log = ''
  /** The handler of the next calls of GetPayment. */
  let get: (call: CallContext) => Promise<object>
  const clients: { close(): void }[] = []

  before(async () => {
    auth = await createTestAuth()
    const service = implement(CheckoutService, {
      checkout: async (request) => ({ payment: { amount: request.amount } }),
      getPayment: (_request, call) => get(call),
      listPayments: async () => ({}),
      async *watchPayment() {},
      cancelPayment: async () => ({}),
    })
    const operators = implement(ConsumerService, {
      listConsumers: async () => ({}),
      acceptTopic: async () => ({}),
    })
    const sink = new Writable({
      write(chunk, _encoding, done) {
        log += chunk
        done()
      },
    })
    const replays = implement(ReplayService, {
      dryRunReplay: async () => ({}),
      startReplay: async () => ({}),
      getReplay: async () => ({}),
      cancelReplay: async () => ({}),
    })
    server = await startTestServer([service, operators, replays], auth, {
      log: pino(logOptions({ service: 'test', level: 'debug' }), sink),
      limits: { deadlineDefaultMs: 300, sendBytesMax: 10_000 },
    })
    client = clientOf({ token: () => auth.token('alice') })
  })
  beforeEach(() => {
    log = ''
  })
  after(async () => {
    for (const client of clients) client.close()
    await server.stop()
    await auth.dispose()
  })

  function clientOf(options: ClientOptions): Client<typeof CheckoutService> {
    const made = createClient(CheckoutService, server.address, options)
    clients.push(made)
    return made
  }

  const checkout = { requestId: paymentId, reservationId: paymentId, amount: 5n }

  describe('authentication', () => {
    it('passes the subject and roles of the caller to the handler', async () => {
      get = async (call) => ({ payment: { paymentId: `${call.subject} ${[...call.roles]}` } })
      const admin = clientOf({ token: () => auth.token('bob', { roles: ['admin', 'ops'] }) })
      expect((await admin.getPayment({ paymentId })).payment?.paymentId).to.equal('bob admin,ops')
    })

    it('refuses a call without a token', async () => {
      const failure = await refusalOf(clientOf({}).checkout(checkout))
      expect(failure).to.include({ code: Code.UNAUTHENTICATED, reason: 'TOKEN_MISSING' })
    })

    it('refuses a token that is not valid here', async () => {
      const foreign = await createTestAuth()
      const tokens = [
        'x',
        await foreign.token('alice'),
        await auth.token('alice', { expiresInS: -60 }),
        await auth.token('alice', { issuer: 'other' }),
        await auth.token('alice', { audience: 'other' }),
        await auth.token(''),
        await auth.token('a'.repeat(129)),
        await auth.token('a\nb'),
        'x'.repeat(8_000),
      ]
      await foreign.dispose()
      for (const token of tokens) {
        const failure = await refusalOf(clientOf({ token: () => token }).checkout(checkout))
        expect(failure, token).to.include({ code: Code.UNAUTHENTICATED, reason: 'TOKEN_INVALID' })
      }
    })

    it("refuses a caller who lacks the role in the method's contract, and serves one who has it", async () => {
      const as = (roles: string[]) => {
        const caller = createClient(ConsumerService, server.address, {
          token: () => auth.token('bob', { roles }),
        })
        clients.push(caller)
        return caller
      }
      const failure = await refusalOf(as(['admin', 'viewer']).listConsumers({}))
      expect(failure).to.include({ code: Code.PERMISSION_DENIED, reason: 'ROLE_MISSING' })
      expect(failure.metadata).to.deep.equal({ role: 'operator' })
      expect((await as(['operator']).listConsumers({})).consumers).to.deep.equal([])
    })
  })

  describe('requests', () => {
    it('are refused with every field that breaks its rule', async () => {
      const failure = await refusalOf(
        client.checkout({ requestId: 'x', reservationId: paymentId, amount: 0n }),
      )
      expect(failure).to.include({ code: Code.INVALID_ARGUMENT, reason: 'FIELD_VIOLATION' })
      expect(failure.fieldViolations.map(({ field }) => field)).to.deep.equal(['request_id', 'amount'])
      expect(failure.message).to.include('request_id: ')
    })

    it('are refused when they are too large', async () => {
      const failure = await refusalOf(client.checkout({ ...checkout, requestId: 'x'.repeat(300_000) }))
      expect(failure.code).to.equal(Code.RESOURCE_EXHAUSTED)
    })
  })

  describe('errors', () => {
    it('reach the caller with code, reason, message and metadata', async () => {
      get = async () => {
        throw apiError(Code.NOT_FOUND, ErrorReason.PAYMENT_NOT_FOUND, 'No such payment', { payment: 'p1' })
      }
      const failure = await refusalOf(client.getPayment({ paymentId }))
      expect(failure).to.include({
        code: Code.NOT_FOUND,
        reason: 'PAYMENT_NOT_FOUND',
        message: 'No such payment',
      })
      expect(failure.metadata).to.deep.equal({ payment: 'p1' })
    })

    it('hide a defect from the caller and log it once', async () => {
      expectDefect(/GetPayment INTERNAL: Error: inner s3cret/)
      get = async () => {
        throw new Error('inner s3cret')
      }
      const failure = await refusalOf(client.getPayment({ paymentId }))
      expect(failure).to.include({ code: Code.INTERNAL, reason: 'INTERNAL' })
      expect(failure.message).to.not.include('s3cret')
      expect(log.match(/inner s3cret/g)?.length).to.be.greaterThan(0)
      expect(log.trim().split('\n')).to.have.length(1)
    })

    it('say NOT_READY when the database cannot be reached', async () => {
      get = async () => {
        throw new Error('wrapped', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })
      }
      const failure = await refusalOf(client.getPayment({ paymentId }))
      expect(failure).to.include({ code: Code.UNAVAILABLE, reason: 'NOT_READY' })
    })

    it('say RESPONSE_TOO_LARGE when an answer is larger than any may be', async () => {
      get = async () => ({ payment: { paymentId: 'x'.repeat(10_000) } })
      expect(await refusalOf(client.getPayment({ paymentId }))).to.include({
        code: Code.RESOURCE_EXHAUSTED,
        reason: 'RESPONSE_TOO_LARGE',
      })
    })

    it('come as INTERNAL when an answer cannot be encoded', async () => {
      expectDefect(/GetPayment INTERNAL: .*Payment\.amount/)
      get = async () => ({ payment: { amount: 'many' } })
      expect(await refusalOf(client.getPayment({ paymentId }))).to.include({
        code: Code.INTERNAL,
        reason: 'INTERNAL',
      })
    })
  })

  it('continues the trace of the caller', async () => {
    get = async (call) => ({ payment: { paymentId: call.traceparent } })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { payment } = await client.getPayment({ paymentId }, { metadata: { traceparent } })
    expect(payment?.paymentId).to.match(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
    expect(payment?.paymentId).to.not.equal(traceparent)
  })

  it('records changes by operators and refused callers in the security log, with ids and without tokens', async () => {
    const securityLines = (): Record<string, unknown>[] =>
      log
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter((line) => line.log === 'security')
    await client.checkout(checkout)
    expect(securityLines()).to.deep.equal([])

    const unverified = clientOf({ token: () => 'eyJ.x.y' })
    await refusalOf(unverified.getPayment({ paymentId }))
    const as = (roles: string[]) => {
      const caller = createClient(ReplayService, server.address, {
        token: () => auth.token('olga', { roles }),
      })
      clients.push(caller)
      return caller
    }
    const cancel = { requestId: paymentId, replayId: paymentId.replace('5a', '5b') }
    await refusalOf(as(['viewer']).cancelReplay(cancel))
    await as(['operator']).cancelReplay(cancel)
    await as(['operator']).getReplay({ replayId: paymentId })
    const [tokenRefused, roleRefused, changed, ...others] = securityLines()
    expect(others).to.deep.equal([])
    expect(tokenRefused).to.include({
      kind: 'unauthenticated',
      subject: '',
      method: 'boxoffice.payment.v1.CheckoutService/GetPayment',
      outcome: 'UNAUTHENTICATED',
      reason: 'TOKEN_INVALID',
    })
    const method = 'boxoffice.admin.v1.ReplayService/CancelReplay'
    expect(roleRefused).to.include({
      kind: 'permission_denied',
      subject: 'olga',
      method,
      reason: 'ROLE_MISSING',
    })
    expect(changed).to.deep.include({
      kind: 'change',
      subject: 'olga',
      method,
      outcome: 'OK',
      ids: { request_id: cancel.requestId, replay_id: cancel.replayId },
    })
    expect(changed?.peer).to.match(/^127\.0\.0\.1:\d+$/)
    expect(log).to.not.include('eyJ')
  })

  it('counts and logs each call once, without its token', async () => {
    const before = await handled()
    await client.checkout(checkout)
    expect(await handled()).to.equal(before + 1)
    const line = JSON.parse(log)
    expect(line).to.include({ level: 'debug', code: 'OK', subject: 'alice' })
    expect(line.method).to.equal('boxoffice.payment.v1.CheckoutService/Checkout')
    expect(log).to.not.include('eyJ')
  })

  async function handled(): Promise<number> {
    const metric = await server.metrics.registry.getSingleMetric('grpc_server_handled_total')?.get()
    return (
      metric?.values
        .filter(({ labels }) => labels.grpc_method === 'Checkout' && labels.grpc_code === 'OK')
        .reduce((sum, { value }) => sum + value, 0) ?? 0
    )
  }
})
