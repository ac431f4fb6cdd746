import { randomUUID } from 'node:crypto'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PaymentStatusSchema } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { enumName } from '../cli/enum-name.ts'
import { readTarget } from './target.ts'

// node scripts/smoke/checkout-completes.ts: checks that a new buyer can buy two seats of a new concert, and that the
// books agree.
const price = 100n
const { addresses, client } = readTarget()
const buyer = `smoke-${randomUUID()}`
const payment = createClient(CheckoutService, addresses.payment, client(buyer))
const point = createClient(PointService, addresses.point, client(buyer, ['cashier']))
const reservation = createClient(ReservationService, addresses.reservation, client(buyer, ['admin']))
try {
  await buyTwoSeats()
} finally {
  for (const service of [payment, point, reservation]) service.close()
}

async function buyTwoSeats(): Promise<void> {
  const { concert } = await reservation.createConcert({
    requestId: randomUUID(),
    title: 'A smoke test',
    startTime: { seconds: 4_000_000_000n },
    sections: [{ name: 'A', rows: 1, seatsPerRow: 2, price }],
  })
  const concertId = concert?.concertId ?? ''
  await point.chargePoints({ requestId: randomUUID(), amount: price * 3n })
  const held = await reservation.holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1', 'A-1-2'] })
  const reservationId = held.reservation?.reservationId ?? ''
  const startedAt = performance.now()
  const checkout = { requestId: randomUUID(), reservationId, amount: price * 2n, wait: { seconds: 25n } }
  const { payment: paid } = await payment.checkout(checkout)
  const ms = Math.round(performance.now() - startedAt)
  expectEqual('the payment', enumName(PaymentStatusSchema, paid?.status ?? 0), 'COMPLETED')
  expectEqual('the balance', (await point.getBalance({})).balance, price)
  console.log(`payment ${paid?.paymentId} completed in ${ms} ms, and the points are taken once`)
}

function expectEqual<T>(what: string, found: T, expected: T): void {
  if (found !== expected) throw new Error(`${what} is ${found}, not ${expected}`)
}
