import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { expect } from 'chai'
import { Code } from '../status/errors.ts'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { refusalOf } from '../testing/refusal.ts'
import { type Client, createClient } from './client.ts'
import { type CallContext, implement } from './server.ts'

const paymentId = '5a0c7b5e-8b7b-4a53-9c3a-0d2f5b6f3a10'

describe('the gRPC server', () => {
  let auth: TestAuth
  let server: TestServer
  let client: Client<typeof CheckoutService>
  /** The handler of the next calls of GetPayment. */
  let get: (call: CallContext) => Promise<object>
  const never = (): Promise<never> => new Promise(() => undefined)

  before(async () => {
    auth = await createTestAuth()
    const service = implement(CheckoutService, {
      checkout: never,
      getPayment: (_request, call) => get(call),
      listPayments: never,
      async *watchPayment() {},
      cancelPayment: never,
    })
    server = await startTestServer([service], auth, { limits: { deadlineDefaultMs: 300 } })
    client = createClient(CheckoutService, server.address, { token: () => auth.token('alice') })
  })
  after(async () => {
    client.close()
    await server.stop()
    await auth.dispose()
  })

  describe('deadlines', () => {
    it('end a call and abort its handler', async () => {
      const aborted = Promise.withResolvers<void>()
      let deadline: Date | undefined
      get = (call) => {
        deadline = call.deadline
        call.signal.addEventListener('abort', () => aborted.resolve())
        return new Promise(() => undefined)
      }
      const startedAt = Date.now()
      const failure = await refusalOf(client.getPayment({ paymentId }, { deadlineMs: 100 }))
      expect(failure.code).to.equal(Code.DEADLINE_EXCEEDED)
      expect(deadline?.getTime()).to.be.within(startedAt, startedAt + 200)
      await aborted.promise
    })

    it('are set by the server for a caller who sets none', async () => {
      get = () => new Promise(() => undefined)
      const failure = await refusalOf(
        client.getPayment({ paymentId }, { deadlineMs: Number.POSITIVE_INFINITY }),
      )
      expect(failure.code).to.equal(Code.DEADLINE_EXCEEDED)
    })

    it('end a call also if the clock is set back', async () => {
      const { now } = Date
      get = () => {
        Date.now = () => now() - 60_000
        return new Promise(() => undefined)
      }
      try {
        const failure = await refusalOf(
          client.getPayment({ paymentId }, { deadlineMs: Number.POSITIVE_INFINITY }),
        )
        expect(failure.code).to.equal(Code.DEADLINE_EXCEEDED)
      } finally {
        Date.now = now
      }
    })

    it('are not the only way to end a call: a caller can cancel', async () => {
      const aborted = Promise.withResolvers<void>()
      const entered = Promise.withResolvers<void>()
      get = (call) => {
        call.signal.addEventListener('abort', () => aborted.resolve())
        entered.resolve()
        return new Promise(() => undefined)
      }
      const abort = new AbortController()
      const call = refusalOf(client.getPayment({ paymentId }, { signal: abort.signal }))
      await entered.promise
      abort.abort()
      expect((await call).code).to.equal(Code.CANCELLED)
      await aborted.promise
    })
  })
})
