import {
  CheckoutService,
  type WatchPaymentResponse,
  type WatchPaymentResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { AccessSchema } from '@boxoffice/proto/boxoffice/type/v1/access_pb.ts'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { apiError, Code, ErrorReason } from '../status/errors.ts'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { refusalOf } from '../testing/refusal.ts'
import { type Client, createClient } from './client.ts'
import { type CallContext, implement } from './server.ts'

const paymentId = '5a0c7b5e-8b7b-4a53-9c3a-0d2f5b6f3a10'

describe('streams of the gRPC server', () => {
  let auth: TestAuth
  let server: TestServer
  let client: Client<typeof CheckoutService>
  /** The handler of the next calls of WatchPayment. */
  let watch: (call: CallContext) => AsyncIterable<MessageInitShape<typeof WatchPaymentResponseSchema>>
  const never = (): Promise<never> => new Promise(() => undefined)

  before(async () => {
    auth = await createTestAuth()
    const service = implement(CheckoutService, {
      checkout: never,
      getPayment: never,
      listPayments: never,
      watchPayment: (_request, call) => watch(call),
      cancelPayment: never,
    })
    server = await startTestServer([service], auth)
    client = createClient(CheckoutService, server.address, { token: () => auth.token('alice') })
  })
  after(async () => {
    client.close()
    await server.stop()
    await auth.dispose()
  })

  it('deliver every response in order, then end', async () => {
    watch = async function* () {
      for (let index = 0; index < 1_000; index += 1) yield { payment: { paymentId: `${index}` } }
    }
    const ids = await collect(client.watchPayment({ paymentId }))
    expect(ids).to.deep.equal(Array.from({ length: 1_000 }, (_, index) => `${index}`))
  })

  it('are not read ahead of a slow caller', async () => {
    let made = 0
    const large = 'x'.repeat(100_000)
    watch = async function* () {
      for (; made < 500; made += 1) yield { payment: { paymentId: large } }
    }
    let taken = 0
    for await (const _ of client.watchPayment({ paymentId })) {
      taken += 1
      if (taken === 20) break
      await new Promise((wake) => setTimeout(wake, 5))
    }
    expect(made).to.be.lessThan(200)
  })

  it('end the handler when the caller leaves, also while it waits for its next item', async () => {
    const left = Promise.withResolvers<void>()
    watch = async function* (call) {
      yield { payment: { paymentId: 'first' } }
      try {
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
      } finally {
        left.resolve()
      }
    }
    for await (const _ of client.watchPayment({ paymentId })) break
    await left.promise
  })

  it('carry an error that comes after responses', async () => {
    watch = async function* () {
      yield { payment: { paymentId: 'first' } }
      throw apiError(Code.NOT_FOUND, ErrorReason.PAYMENT_NOT_FOUND, 'gone')
    }
    const failure = await refusalOf(collect(client.watchPayment({ paymentId })))
    expect(failure).to.include({ code: Code.NOT_FOUND, reason: 'PAYMENT_NOT_FOUND' })
  })

  it('are validated and authenticated like any call', async () => {
    expect(await refusalOf(collect(client.watchPayment({ paymentId: 'x' })))).to.include({
      reason: 'FIELD_VIOLATION',
    })
    const anonymous = createClient(CheckoutService, server.address)
    expect(await refusalOf(collect(anonymous.watchPayment({ paymentId })))).to.include({
      reason: 'TOKEN_MISSING',
    })
    anonymous.close()
  })

  it('end with the token that opened them', async () => {
    watch = async function* (call) {
      yield { payment: { paymentId: 'first' } }
      await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
    }
    // Expired, but not yet for a service that tolerates clocks a few seconds off.
    const token = await auth.token('alice', { expiresInS: -3 })
    const shortLived = createClient(CheckoutService, server.address, { token: () => token })
    expect(await refusalOf(collect(shortLived.watchPayment({ paymentId })))).to.include({
      code: Code.UNAUTHENTICATED,
      reason: 'TOKEN_INVALID',
      message: 'The token has expired',
    })
    shortLived.close()
  })

  it('are closed to a caller who lacks the role, like any call', async () => {
    const service = implement(CheckoutService, {
      checkout: never,
      getPayment: never,
      listPayments: never,
      async *watchPayment() {},
      cancelPayment: never,
    })
    const access = create(AccessSchema, { roles: ['viewer', 'operator'] })
    const methods = service.methods.map((method) => ({ ...method, access }))
    const closed = await startTestServer([{ ...service, methods }], auth)
    const as = async (roles: string[]) => {
      const reader = createClient(CheckoutService, closed.address, {
        token: () => auth.token('bob', { roles }),
      })
      try {
        return await collect(reader.watchPayment({ paymentId }))
      } finally {
        reader.close()
      }
    }
    expect(await refusalOf(as(['admin']))).to.include({ reason: 'ROLE_MISSING' })
    expect(await as(['operator'])).to.deep.equal([])
    await closed.stop()
  })

  async function collect(stream: AsyncIterable<WatchPaymentResponse>): Promise<string[]> {
    const ids: string[] = []
    for await (const { payment } of stream) ids.push(payment?.paymentId ?? '')
    return ids
  }
})
