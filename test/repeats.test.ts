import { randomUUID } from 'node:crypto'
import { Code } from '@boxoffice/common/status/errors.ts'
import { expect } from 'chai'
import { expectBalancedBooks } from './support/books.ts'
import { newConcert, newCustomer, present, seatPrice } from './support/customer.ts'
import { expectRefusal } from './support/refusal.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'

describe('a request that is repeated', function () {
  this.timeout(120_000)
  let system: TestSystem
  before(async () => {
    system = await sharedSystem()
  })
  afterEach(() => expectBalancedBooks(system))

  it('checks out once, even when it is sent to both replicas at once', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const elsewhere = await newCustomer(system, { userId: ada.userId, replica: 1 })
    const reservation = await ada.hold(await newConcert(system), ['A-1-1'])
    const requestId = randomUUID()

    const payments = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        (nth % 2 === 0 ? ada : elsewhere).checkout(reservation, requestId),
      ),
    )

    expect(new Set(payments.map(({ paymentId }) => paymentId)).size).to.equal(1)
    await ada.settled(present(payments[0]).paymentId)
    expect(await ada.balance()).to.equal(1_000n - seatPrice)
    ada.close()
    elsewhere.close()
  })

  it('answers with the same payment after payment was restarted', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const reservation = await ada.hold(await newConcert(system), ['A-1-1'])
    const requestId = randomUUID()
    const first = await ada.checkout(reservation, requestId)
    await ada.settled(first.paymentId)

    await present(system.processes.get('payment')).restart()

    const again = await ada.checkout(reservation, requestId)
    expect(again.paymentId).to.equal(first.paymentId)
    expect(again.final).to.equal(true)
    expect(await ada.balance()).to.equal(1_000n - seatPrice)
    ada.close()
  })

  it('is refused with other fields, for every method that changes something', async () => {
    const concert = await newConcert(system)
    const ada = await newCustomer(system, { points: 1_000n })
    const admin = await newCustomer(system, { roles: ['admin'] })
    const [first, second] = [await ada.hold(concert, ['A-1-1']), await ada.hold(concert, ['A-1-2'])]
    const requestId = randomUUID()
    const refused = (call: Promise<unknown>) => expectRefusal(call, Code.ALREADY_EXISTS, 'REQUEST_ID_REUSED')

    await ada.points.chargePoints({ requestId, amount: 5n })
    await refused(ada.points.chargePoints({ requestId, amount: 6n }))

    const hold = { requestId, concertId: concert.concertId }
    await ada.reservations.holdSeats({ ...hold, seats: ['A-1-3'] })
    await refused(ada.reservations.holdSeats({ ...hold, seats: ['A-1-4'] }))

    await ada.reservations.releaseReservation({ requestId, reservationId: second.reservationId })
    await refused(ada.reservations.releaseReservation({ requestId, reservationId: first.reservationId }))

    const checkout = { requestId, reservationId: first.reservationId }
    await ada.payments.checkout({ ...checkout, amount: seatPrice, wait: { seconds: 20n } })
    await refused(ada.payments.checkout({ ...checkout, amount: seatPrice + 1n }))

    const created = { requestId, startTime: { seconds: 4_000_000_000n } }
    const sections = [{ name: 'A', rows: 1, seatsPerRow: 1, price: 1n }]
    await admin.reservations.createConcert({ ...created, title: 'One', sections })
    await refused(admin.reservations.createConcert({ ...created, title: 'Two', sections }))
    ada.close()
    admin.close()
  })

  it('of a charge, a hold and a release has one effect and answers with the present state', async () => {
    const concert = await newConcert(system)
    const ada = await newCustomer(system, { points: 1_000n })
    const requestId = randomUUID()
    const charges = await Promise.all(
      Array.from({ length: 10 }, () => ada.points.chargePoints({ requestId, amount: 50n })),
    )
    expect(new Set(charges.map(({ transaction }) => transaction?.transactionId)).size).to.equal(1)
    expect(await ada.balance()).to.equal(1_050n)

    const hold = { requestId, concertId: concert.concertId, seats: ['A-1-1'] }
    const holds = await Promise.all(Array.from({ length: 10 }, () => ada.reservations.holdSeats(hold)))
    expect(new Set(holds.map(({ reservation }) => reservation?.reservationId)).size).to.equal(1)

    const release = { requestId, reservationId: present(holds[0]?.reservation).reservationId }
    const releases = await Promise.all(
      Array.from({ length: 10 }, () => ada.reservations.releaseReservation(release)),
    )
    expect(new Set(releases.map(({ reservation }) => reservation?.version)).size).to.equal(1)
    const { reservation } = await ada.reservations.holdSeats(hold)
    expect(reservation?.status).to.equal(releases[0]?.reservation?.status)
    ada.close()
  })

  it('may be tried again after it was refused, because only effects are remembered', async () => {
    const concert = await newConcert(system)
    const ada = await newCustomer(system, { points: 1_000n })
    const bob = await newCustomer(system, { points: 1_000n })
    const held = await bob.hold(concert, ['A-1-1'])
    const wish = { requestId: randomUUID(), concertId: concert.concertId, seats: ['A-1-1'] }
    await expectRefusal(ada.reservations.holdSeats(wish), Code.FAILED_PRECONDITION, 'SEAT_UNAVAILABLE')
    const { reservationId } = held
    await bob.reservations.releaseReservation({ requestId: randomUUID(), reservationId })
    expect((await ada.reservations.holdSeats(wish)).reservation?.seats).to.deep.equal(['A-1-1'])
    ada.close()
    bob.close()
  })
})
