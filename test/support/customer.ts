import { randomUUID } from 'node:crypto'
import { type Client, createClient } from '@boxoffice/common/grpc/client.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import type { Payment } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import type { Concert, Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { signToken } from '../../scripts/platform/auth.ts'
import type { TestSystem } from './shared-system.ts'
import { waitUntil } from './wait-until.ts'

/** A customer who calls the system over gRPC, as any client would. */
export interface Customer {
  readonly userId: string
  readonly payments: Client<typeof CheckoutService>
  readonly points: Client<typeof PointService>
  readonly reservations: Client<typeof ReservationService>
  charge(amount: bigint): Promise<void>
  balance(): Promise<bigint>
  hold(concert: Concert, seats: string[]): Promise<Reservation>
  /** Checks out and waits for the final state; `amount` defaults to the reservation's price. */
  buy(reservation: Reservation, amount?: bigint): Promise<Payment>
  /** Checks out without waiting. */
  checkout(reservation: Reservation, requestId?: string): Promise<Payment>
  /** The payment once it is final. */
  settled(paymentId: string, deadlineMs?: number): Promise<Payment>
  close(): void
}

/** The price of a seat in {@link newConcert}. */
export const seatPrice = 100n

/** A new customer with a wallet of `points`, calling the given replica of each service. */
export async function newCustomer(
  system: TestSystem,
  { points = 0n, replica = 0, roles = [] as string[], userId = `user-${randomUUID()}` } = {},
): Promise<Customer> {
  const token = await signToken(system.auth, { subject: userId, roles: ['cashier', ...roles] })
  const { services, tlsCaFile } = system.addresses
  const options = { token: () => token, deadlineMs: 30_000, credentials: clientCredentials(tlsCaFile) }
  const payments = createClient(CheckoutService, addressOf(services.payment.grpc, replica), options)
  const pointService = createClient(PointService, addressOf(services.point.grpc, replica), options)
  const reservations = createClient(
    ReservationService,
    addressOf(services.reservation.grpc, replica),
    options,
  )
  const customer: Customer = {
    userId,
    payments,
    points: pointService,
    reservations,
    charge: async (amount) => {
      await pointService.chargePoints({ requestId: randomUUID(), amount })
    },
    balance: async () => (await pointService.getBalance({})).balance,
    hold: async (concert, seats) => {
      const { reservation } = await reservations.holdSeats({
        requestId: randomUUID(),
        concertId: concert.concertId,
        seats,
      })
      return present(reservation)
    },
    buy: async (reservation, amount = reservation.totalPrice) => {
      const { payment } = await payments.checkout({
        requestId: randomUUID(),
        reservationId: reservation.reservationId,
        amount,
        wait: { seconds: 20n },
      })
      return present(payment)
    },
    checkout: async (reservation, requestId = randomUUID()) => {
      const { payment } = await payments.checkout({
        requestId,
        reservationId: reservation.reservationId,
        amount: reservation.totalPrice,
      })
      return present(payment)
    },
    settled: (paymentId, deadlineMs = 30_000) =>
      waitUntil(
        `payment ${paymentId} is final`,
        async () => {
          const { payment } = await payments.getPayment({ paymentId })
          return payment?.final === true && payment
        },
        { deadlineMs },
      ),
    close() {
      payments.close()
      pointService.close()
      reservations.close()
    },
  }
  if (points > 0n) await customer.charge(points)
  return customer
}

/** A new concert: `rows` rows of `seatsPerRow` seats in section A, of which one user may hold `seatsPerUserMax`. */
export async function newConcert(
  system: TestSystem,
  rows = 1,
  seatsPerRow = 10,
  seatsPerUserMax = rows * seatsPerRow,
): Promise<Concert> {
  const admin = await newCustomer(system, { roles: ['admin'] })
  const { concert } = await admin.reservations.createConcert({
    requestId: randomUUID(),
    title: 'A test',
    startTime: { seconds: 4_000_000_000n },
    sections: [{ name: 'A', rows, seatsPerRow, price: seatPrice }],
    seatsPerUserMax,
  })
  admin.close()
  return present(concert)
}

/** The value of a field that the contract promises. @throws Error if it is undefined */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the answer lacks a field that the contract promises')
  return value
}

function addressOf(addresses: readonly string[], replica: number): string {
  return present(addresses[replica % addresses.length])
}
