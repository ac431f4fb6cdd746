import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import type { Payment } from '../domain/payment.ts'
import { createPaymentFeed } from '../watch/payment-feed.ts'
import { waitForFinal } from './wait-for-final.ts'

describe('a checkout that waits', () => {
  const minuteMs = 60_000
  const feed = createPaymentFeed(async () => [])

  it('answers with the end once it comes', async () => {
    const waiting = waitForFinal(feed, pending.paymentId, minuteMs, call(), async () => pending)
    await Promise.resolve()
    feed.publish([{ ...pending, points: 'TAKEN', seats: 'SOLD', sequence: 3 }])
    expect(await waiting).to.include({ status: PaymentStatus.COMPLETED, final: true })
  })

  for (const reason of ['signal', 'draining'] as const) {
    it(`answers at once where nobody is to wait any more: ${reason}`, async () => {
      const whenAccepted = new AbortController()
      const during = call({ [reason]: whenAccepted.signal })
      const accept = async (): Promise<Payment> => {
        whenAccepted.abort()
        return pending
      }
      const before = call({ [reason]: AbortSignal.abort() })
      for (const answer of [
        waitForFinal(feed, pending.paymentId, minuteMs, during, accept),
        waitForFinal(feed, pending.paymentId, minuteMs, before, async () => pending),
      ]) {
        expect(await answer).to.include({ status: PaymentStatus.PENDING, sequence: 1 })
      }
    })
  }
})

const pending: Payment = {
  paymentId: '6fa459ea-ee8a-4ca4-894e-db77e160355e',
  userId: 'ada',
  reservationId: '16fd2706-8baf-433b-82eb-8c7fada847da',
  amount: 100n,
  points: 'UNKNOWN',
  seats: 'UNKNOWN',
  refund: 'NONE',
  failureReason: null,
  sequence: 1,
  attempt: 0,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  deadline: new Date(0),
}

function call(signals: Partial<Pick<CallContext, 'signal' | 'draining'>> = {}): CallContext {
  return {
    subject: 'ada',
    roles: new Set(),
    traceparent: '',
    signal: new AbortController().signal,
    draining: new AbortController().signal,
    deadline: undefined,
    requireRole() {},
    ...signals,
  }
}
