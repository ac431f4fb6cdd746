import { EventEmitter, once } from 'node:events'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { Metadata, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { expect } from 'chai'
import { apiError, Code, ErrorReason } from '../status/errors.ts'
import { accessOf } from './access.ts'
import { createCallTracker } from './call-tracker.ts'
import type { MethodImplementation } from './implement.ts'
import { serveUnary } from './serve-unary.ts'

describe('a unary call whose caller leaves while its token is being checked', () => {
  it('is not handled, and leaves no unhandled rejection', async () => {
    const checked = Promise.withResolvers<void>()
    let handled = 0
    const implementation: MethodImplementation = {
      method: CheckoutService.method.listPayments,
      access: accessOf(CheckoutService.method.listPayments),
      units: 1,
      requestBytesMax: 1_000,
      handle: async () => {
        handled += 1
        throw apiError(Code.NOT_FOUND, ErrorReason.PAYMENT_NOT_FOUND, 'There is none')
      },
    }
    const serve = serveUnary(implementation, {
      auth: {
        authenticate: async () => {
          await checked.promise
          return { subject: 'ada', roles: new Set(), tokenEndsAtMs: Number.POSITIVE_INFINITY }
        },
      },
      observe: () => ({ subject: '', request: undefined, traceparent: '', end: () => ended.emit('ended') }),
      tracker: createCallTracker(),
      limits: { deadlineDefaultMs: 10_000, sendBytesMax: 1_000 },
    })
    const ended = new EventEmitter()
    const call = Object.assign(new EventEmitter(), {
      metadata: new Metadata(),
      request: Buffer.alloc(0),
      getDeadline: () => new Date(Date.now() + 5),
    })
    const end = once(ended, 'ended')
    const statuses: unknown[] = []
    serve(
      call as unknown as ServerUnaryCall<Buffer, Buffer>,
      ((error: unknown) => statuses.push(error)) as sendUnaryData<Buffer>,
    )
    call.emit('cancelled')
    checked.resolve()
    await end
    // Node reports unhandled rejections after the turn in which they happened.
    await new Promise((resolve) => setImmediate(resolve))
    expect(handled).to.equal(0)
    expect(statuses).to.have.lengthOf(1)
  })
})
