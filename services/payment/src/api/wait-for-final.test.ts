import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { acceptPayment, type Payment } from '../domain/payment.ts'
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
    it(`answers at once when the wait is over: ${reason}`, async () => {
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

const pending = acceptPayment(
  { paymentId: 'a payment', userId: 'ada', reservationId: 'a reservation', amount: 100n },
  new Date(0),
  new Date(0),
)

function call(signals: Partial<Pick<CallContext, 'signal' | 'draining'>> = {}): CallContext {
  return {
    subject: 'ada',
    roles: new Set(),
    traceparent: '',
    signal: new AbortController().signal,
    draining: new AbortController().signal,
    deadline: undefined,
    yieldTurn() {},
    ...signals,
  }
}
