import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { expectBalancedBooks } from './support/books.ts'
import { type Customer, newConcert, newCustomer, present, seatPrice } from './support/customer.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'

const crowd = 200

describe('a crowd', function () {
  this.timeout(180_000)
  let system: TestSystem
  before(async () => {
    system = await sharedSystem()
  })
  afterEach(() => expectBalancedBooks(system))

  it(`of ${crowd} buyers for one seat gives one sale, and the rest are refused`, async () => {
    const concert = await newConcert(system)
    const buyers = await Promise.all(
      Array.from({ length: crowd }, (_, nth) => newCustomer(system, { points: seatPrice, replica: nth })),
    )

    const outcomes = await Promise.all(buyers.map((buyer) => tryToBuy(buyer, concert)))

    expect(countOf(outcomes)).to.deep.equal({ COMPLETED: 1, SEAT_UNAVAILABLE: crowd - 1 })
    const balances = await Promise.all(buyers.map((buyer) => buyer.balance()))
    expect(balances.filter((balance) => balance === 0n).length, 'buyers who paid').to.equal(1)
    expect(balances.filter((balance) => balance === seatPrice).length).to.equal(crowd - 1)
    for (const buyer of buyers) buyer.close()
  })

  it(`of ${crowd} checkouts of one reservation gives one sale, and the rest are refused`, async () => {
    const ada = await newCustomer(system, { points: seatPrice * BigInt(crowd) })
    const elsewhere = await newCustomer(system, { userId: ada.userId, replica: 1 })
    const reservation = await ada.hold(await newConcert(system), ['A-1-1'])

    const outcomes = await Promise.all(
      Array.from({ length: crowd }, (_, nth) =>
        outcomeOf((nth % 2 === 0 ? ada : elsewhere).buy(reservation)),
      ),
    )

    expect(countOf(outcomes)).to.deep.equal({ COMPLETED: 1, RESERVATION_IN_PAYMENT: crowd - 1 })
    expect(await ada.balance()).to.equal(seatPrice * BigInt(crowd - 1))
    ada.close()
    elsewhere.close()
  })

  it('of buyers with overlapping lists of seats never deadlocks, and each seat goes to one buyer', async () => {
    const concert = await newConcert(system, 1, 6)
    const seats = Array.from({ length: 6 }, (_, nth) => `A-1-${nth + 1}`)
    const buyers = await Promise.all(
      Array.from({ length: 30 }, (_, nth) => newCustomer(system, { points: 1_000n, replica: nth })),
    )
    const wishes = buyers.map((_, nth) =>
      [0, 1, 2].map((step) => present(seats[(nth * 5 + step * (nth + 1)) % 6])),
    )

    const outcomes = await Promise.all(
      buyers.map((buyer, nth) => tryToBuy(buyer, concert, [...new Set(wishes[nth])])),
    )

    expect(new Set(outcomes)).to.deep.equal(new Set(['COMPLETED', 'SEAT_UNAVAILABLE']))
    for (const buyer of buyers) buyer.close()
  })
})

async function tryToBuy(
  buyer: Customer,
  concert: Parameters<Customer['hold']>[0],
  seats = ['A-1-1'],
): Promise<string> {
  return outcomeOf(buyer.hold(concert, seats).then((reservation) => buyer.buy(reservation)))
}

/** `COMPLETED`, another status, or the reason why the call was refused. */
async function outcomeOf(purchase: ReturnType<Customer['buy']>): Promise<string> {
  try {
    const payment = await purchase
    return payment.status === PaymentStatus.COMPLETED ? 'COMPLETED' : `status ${payment.status}`
  } catch (error) {
    if (error instanceof RemoteError && error.code === Code.FAILED_PRECONDITION) return error.reason
    throw error
  }
}

function countOf(outcomes: readonly string[]): Record<string, number> {
  const groups = Object.groupBy(outcomes, (outcome) => outcome)
  return Object.fromEntries(Object.entries(groups).map(([outcome, all]) => [outcome, all?.length ?? 0]))
}
