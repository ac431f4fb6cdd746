import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { expect } from 'chai'
import { Code } from '../status/errors.ts'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { type Client, createClient } from './client.ts'
import { type CallContext, implement } from './server.ts'

const paymentId = '5a0c7b5e-8b7b-4a53-9c3a-0d2f5b6f3a10'

describe('stopping the gRPC server', () => {
  let auth: TestAuth
  let server: TestServer
  let client: Client<typeof CheckoutService>
  let get: (call: CallContext) => Promise<object>
  const never = (): Promise<never> => new Promise(() => undefined)

  before(async () => {
    auth = await createTestAuth()
  })
  after(() => auth.dispose())
  beforeEach(async () => {
    const service = implement(CheckoutService, {
      checkout: never,
      getPayment: (_request, call) => get(call),
      listPayments: never,
      async *watchPayment() {
        yield { payment: { paymentId } }
        await never()
      },
      cancelPayment: never,
    })
    server = await startTestServer([service], auth)
    client = createClient(CheckoutService, server.address, { token: () => auth.token('alice') })
  })
  afterEach(() => client.close())

  it('lets calls in flight finish', async () => {
    const entered = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<object>()
    get = () => {
      entered.resolve()
      return answer.promise
    }
    const call = client.getPayment({ paymentId })
    await entered.promise
    const stopped = server.stop(5_000)
    answer.resolve({ payment: { paymentId: 'done' } })
    expect((await call).payment?.paymentId).to.equal('done')
    await stopped
  })

  it('makes a call that only waits answer at once', async () => {
    const entered = Promise.withResolvers<void>()
    get = (call) => {
      entered.resolve()
      return new Promise((resolve) => call.draining.addEventListener('abort', () => resolve({})))
    }
    const call = client.getPayment({ paymentId })
    await entered.promise
    await server.stop(60_000)
    await call
  })

  it('ends streams at once with UNAVAILABLE, so that callers resume elsewhere', async () => {
    const stream = client.watchPayment({ paymentId })[Symbol.asyncIterator]()
    await stream.next()
    const stopped = server.stop(60_000)
    const failure = await stream.next().catch((error: unknown) => error)
    expect(failure).to.include({ code: Code.UNAVAILABLE, reason: 'NOT_READY' })
    await stopped
  })

  it('cuts calls that have not ended by the deadline', async () => {
    const entered = Promise.withResolvers<void>()
    get = () => {
      entered.resolve()
      return never()
    }
    const call = client.getPayment({ paymentId }).catch((error: unknown) => error)
    await entered.promise
    await server.stop(50)
    expect(await call).to.be.instanceOf(Error)
  })

  it('refuses new connections', async () => {
    await server.stop()
    const late = createClient(CheckoutService, server.address, { token: () => auth.token('alice') })
    const failure = await late.getPayment({ paymentId }).catch((error: unknown) => error)
    late.close()
    expect(failure).to.include({ code: Code.UNAVAILABLE })
  })
})
