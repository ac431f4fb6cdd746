import { randomUUID } from 'node:crypto'
import { RemoteError } from '@boxoffice/common/status/errors.ts'
import { FailureReason, PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { expectBalancedBooks } from './support/books.ts'
import { newConcert, newCustomer, seatPrice } from './support/customer.ts'
import { whilePaused, whileUnheard } from './support/pause.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { waitUntil } from './support/wait-until.ts'

describe('a stranger who knows the reservation of another customer', function () {
  this.timeout(120_000)
  let system: TestSystem
  before(async () => {
    system = await sharedSystem()
  })
  afterEach(() => expectBalancedBooks(system))

  it('does not keep its holder from paying, even if strangers come first, before payment knows the hold and while point hangs', async () => {
    const concert = await newConcert(system)
    const [ada, ...strangers] = await Promise.all(
      Array.from({ length: 9 }, (_, nth) => newCustomer(system, { points: seatPrice * 10n, replica: nth })),
    )
    if (ada === undefined) throw new Error('there is no Ada')
    const { paid, strange } = await whilePaused(system, 'point', () =>
      whileUnheard(system, async () => {
        const reservation = await ada.hold(concert, ['A-1-1'])
        const strange = await Promise.all(strangers.map((stranger) => stranger.checkout(reservation)))
        return { paid: await ada.checkout(reservation), strange }
      }),
    )
    expect((await ada.settled(paid.paymentId)).status).to.equal(PaymentStatus.COMPLETED)
    expect(await ada.balance()).to.equal(seatPrice * 9n)
    for (const [nth, stranger] of strangers.entries()) {
      const { failureReason } = await stranger.settled(strange[nth]?.paymentId ?? '')
      expect(failureReason).to.equal(FailureReason.NOT_HOLDER)
      expect(await stranger.balance(), 'all points came back').to.equal(seatPrice * 10n)
    }
    for (const customer of [ada, ...strangers]) customer.close()
  })

  it('is refused at once, without a payment, once payment knows the hold, and so is a wrong amount of its holder', async () => {
    const concert = await newConcert(system)
    const [ada, eve] = [await newCustomer(system, { points: 1_000n }), await newCustomer(system)]
    const reservation = await ada.hold(concert, ['A-1-1'])
    await untilKnown(system, reservation)
    await whilePaused(system, 'point', async () => {
      for (let attempt = 0; attempt < 10; attempt++) {
        expect(await refusalOf(eve.checkout(reservation))).to.equal('RESERVATION_NOT_FOUND')
      }
      for (const totalPrice of [seatPrice - 1n, seatPrice + 1n]) {
        expect(await refusalOf(ada.checkout({ ...reservation, totalPrice }))).to.equal('AMOUNT_MISMATCH')
      }
    })
    expect((await eve.payments.listPayments({})).payments).to.deep.equal([])
    const paid = await ada.buy(reservation)
    expect(paid.status).to.equal(PaymentStatus.COMPLETED)
    expect(await ada.balance()).to.equal(1_000n - seatPrice)
    ada.close()
    eve.close()
  })

  it('gets the same answer for a released hold as for one that never existed', async () => {
    const concert = await newConcert(system)
    const [ada, eve] = [await newCustomer(system), await newCustomer(system)]
    const reservation = await ada.hold(concert, ['A-1-1'])
    const { reservationId } = reservation
    await ada.reservations.releaseReservation({ requestId: randomUUID(), reservationId })
    await waitUntil('payment knows the release', async () => {
      return (await refusalOf(ada.checkout({ ...reservation, totalPrice: 1n }))) === 'HOLD_EXPIRED'
    })
    expect(await refusalOf(eve.checkout(reservation))).to.equal('RESERVATION_NOT_FOUND')
    ada.close()
    eve.close()
  })
})

/** Waits until payment has read the event of the hold: then it refuses a stranger, who has no points either. */
async function untilKnown(system: TestSystem, reservation: Reservation): Promise<void> {
  const scout = await newCustomer(system)
  await waitUntil('payment knows the hold', async () => {
    return (await refusalOf(scout.checkout(reservation))) === 'RESERVATION_NOT_FOUND'
  })
  scout.close()
}

/** Why a call was refused; undefined if it was not. */
async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  return await call.then(
    () => undefined,
    (error) => {
      if (error instanceof RemoteError) return error.reason
      throw error
    },
  )
}
