import { randomUUID } from 'node:crypto'
import { type Payment, PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { type Customer, newConcert, newCustomer, present, seatPrice } from './customer.ts'
import type { TestSystem } from './shared-system.ts'
import { untilAnswered } from './until-answered.ts'

/**
 * Runs several customers, who each buy one seat after the other while `during` runs, and returns the final payments.
 * Calls without an answer are repeated with the same request id, as a careful client does.
 */
export async function trafficDuring(
  system: TestSystem,
  during: () => Promise<unknown>,
  { callers = 8, checkoutsMin = 40 } = {},
): Promise<Payment[]> {
  const concert = await newConcert(system, 40, 50)
  const customers = await Promise.all(
    Array.from({ length: callers }, (_, nth) =>
      newCustomer(system, { points: seatPrice * 1_000n, replica: nth }),
    ),
  )
  let over = false
  let nextSeat = 0
  const accepted: { customer: Customer; paymentId: string }[] = []
  const isEnough = () => (over && accepted.length >= checkoutsMin) || nextSeat >= 2_000
  const buyers = customers.map(async (customer) => {
    while (!isEnough()) {
      const nth = nextSeat++
      const seat = `A-${Math.floor(nth / 50) + 1}-${(nth % 50) + 1}`
      const { paymentId } = await buyOnce(customer, concert.concertId, seat)
      accepted.push({ customer, paymentId })
    }
  })
  try {
    await during()
  } finally {
    over = true
  }
  await Promise.all(buyers)
  const payments = await Promise.all(
    accepted.map(({ customer, paymentId }) => untilAnswered(() => customer.settled(paymentId, 60_000))),
  )
  for (const customer of customers) customer.close()
  return payments
}

/** A line for each payment that did not complete; empty if all did. */
export function failuresOf(payments: readonly Payment[]): string[] {
  return payments
    .filter((payment) => payment.status !== PaymentStatus.COMPLETED)
    .map(({ paymentId, status, failureReason }) => `${paymentId} status ${status} reason ${failureReason}`)
}

async function buyOnce(customer: Customer, concertId: string, seat: string): Promise<Payment> {
  const hold = { requestId: randomUUID(), concertId, seats: [seat] }
  const held = await untilAnswered(() => customer.reservations.holdSeats(hold, { deadlineMs: 5_000 }))
  const { reservationId, totalPrice } = present(held.reservation)
  const checkout = { requestId: randomUUID(), reservationId, amount: totalPrice }
  const { payment } = await untilAnswered(() => customer.payments.checkout(checkout, { deadlineMs: 5_000 }))
  return present(payment)
}
