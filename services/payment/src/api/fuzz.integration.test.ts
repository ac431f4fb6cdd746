import { randomUUID } from 'node:crypto'
import type { FuzzedService } from '@boxoffice/common/testing/fuzz/fuzz-service.ts'
import { fuzzService } from '@boxoffice/common/testing/fuzz/fuzz-service.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { type RunningPayment, startPayment } from '../testing/start-payment.ts'

describe('CheckoutService, whatever it is sent,', () => {
  let service: RunningPayment
  let fuzzed: FuzzedService
  before(async () => {
    service = await startPayment()
    const [requestId, reservationId] = [randomUUID(), randomUUID()]
    const { payment } = await service.as('olga').checkout({ requestId, reservationId, amount: 5n })
    fuzzed = {
      address: service.address,
      token: await service.token('olga'),
      samples: ['olga', requestId, reservationId, payment?.paymentId ?? ''],
      templates: {
        Checkout: { reservationId: randomUUID(), amount: 5n },
        ListPayments: {},
      },
    }
  })
  after(() => service.stop())

  fuzzService(CheckoutService, () => fuzzed)
})
