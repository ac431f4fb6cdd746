import { randomUUID } from 'node:crypto'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { type Customer, newConcert, newCustomer, present, seatPrice } from './customer.ts'
import type { TestSystem } from './shared-system.ts'

/** A customer who makes every kind of call and remembers the answers. */
export async function live(system: TestSystem) {
  const organizer = await newCustomer(system, { roles: ['admin'] })
  const ada = await newCustomer(system, { points: seatPrice * 10n })
  const concert = await newConcert(system)
  const buy = async (seat: string) => ada.buy(await ada.hold(concert, [seat]))
  await buy('A-1-1')
  const heldBefore = await ada.hold(concert, ['A-1-2'])

  async function goOn() {
    const charge = { requestId: randomUUID(), amount: seatPrice * 5n }
    const hold = { requestId: randomUUID(), concertId: concert.concertId, seats: ['A-1-4', 'A-1-3'] }
    const created = {
      requestId: randomUUID(),
      title: 'Created since',
      startTime: { seconds: 4_000_000_000n },
      sections: [{ name: 'B', rows: 2, seatsPerRow: 3, price: seatPrice }],
    }
    await ada.points.chargePoints(charge)
    const held = present((await ada.reservations.holdSeats(hold)).reservation)
    const bought = await ada.buy(await ada.hold(concert, ['A-1-5']))
    const boughtAfterwards = await ada.buy(heldBefore)
    // A payment for a reservation that does not exist.
    const unknown = { ...(await ada.hold(concert, ['A-1-6'])), reservationId: randomUUID() }
    const failed = await ada.buy(unknown)
    const release = {
      requestId: randomUUID(),
      reservationId: (await ada.hold(concert, ['A-1-7'])).reservationId,
    }
    await ada.reservations.releaseReservation(release)
    const concertSince = present((await organizer.reservations.createConcert(created)).concert)
    const answers = await answersOf(ada)

    return {
      async expectUnchanged(): Promise<void> {
        expect(await answersOf(ada)).to.deep.equal(answers)
        for (const payment of [bought, boughtAfterwards, failed]) {
          const { payment: now } = await ada.payments.getPayment({ paymentId: payment.paymentId })
          expect(now).to.include({ status: payment.status, sequence: payment.sequence, final: true })
        }
        expect([bought.status, failed.status]).to.deep.equal([PaymentStatus.COMPLETED, PaymentStatus.FAILED])
        // Repeats of the same requests have no second effect.
        await ada.points.chargePoints(charge)
        const again = present((await ada.reservations.holdSeats(hold)).reservation)
        expect(again.reservationId).to.equal(held.reservationId)
        await ada.reservations.releaseReservation(release)
        const { concert: concertAgain } = await organizer.reservations.createConcert(created)
        expect(concertAgain?.concertId).to.equal(concertSince.concertId)
        expect(await answersOf(ada)).to.deep.equal(answers)
      },
    }
  }

  return {
    goOn,
    end() {
      ada.close()
      organizer.close()
    },
  }
}

/** What a customer sees of the system, as text. */
async function answersOf(customer: Customer): Promise<unknown> {
  const { transactions } = await customer.points.listPointTransactions({})
  const { payments } = await customer.payments.listPayments({})
  return {
    balance: await customer.balance(),
    ledger: transactions.map(({ kind, amount, paymentId }) => `${kind} ${amount} ${paymentId}`).sort(),
    payments: payments.map(({ paymentId, status, failureReason, sequence, transitions }) => ({
      paymentId,
      status,
      failureReason,
      sequence,
      history: transitions.map(
        (step) => `${step.sequence} ${step.status} ${step.refund} ${step.time?.seconds}`,
      ),
    })),
  }
}
