import { randomUUID } from 'node:crypto'
import { Code } from '@boxoffice/common/status/errors.ts'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { newConcert, newCustomer } from './support/customer.ts'
import { expectRefusal } from './support/refusal.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'

describe('WatchPayment', function () {
  this.timeout(120_000)
  let system: TestSystem
  before(async () => {
    system = await sharedSystem()
  })

  it('sends every transition once, in order, from either replica, and ends when the payment is final', async () => {
    const concert = await newConcert(system)
    const ada = await newCustomer(system, { points: 1_000n })
    const elsewhere = await newCustomer(system, { userId: ada.userId, replica: 1 })
    const { paymentId } = await ada.checkout(await ada.hold(concert, ['A-1-1']))

    const seen = await Promise.all([ada, elsewhere].map(({ payments }) => sequencesOf(payments, paymentId)))

    expect(seen).to.deep.equal([
      [1, 2, 3],
      [1, 2, 3],
    ])
    ada.close()
    elsewhere.close()
  })

  it('goes on after the last sequence that the caller saw, on another replica', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const elsewhere = await newCustomer(system, { userId: ada.userId, replica: 1 })
    const { paymentId } = await ada.checkout(await ada.hold(await newConcert(system), ['A-1-1']))
    let last = 0
    for await (const { payment } of ada.payments.watchPayment({ paymentId })) {
      last = payment?.transitions.at(-1)?.sequence ?? 0
      break
    }

    const rest = await sequencesOf(elsewhere.payments, paymentId, last)

    expect(rest).to.deep.equal([1, 2, 3].filter((sequence) => sequence > last))
    ada.close()
    elsewhere.close()
  })

  it('answers with the full state at once when no transition is left', async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const { paymentId } = await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))
    const states = []
    for await (const { payment } of ada.payments.watchPayment({ paymentId, afterSequence: 3 }))
      states.push(payment)
    expect(states.map((payment) => payment?.status)).to.deep.equal([PaymentStatus.COMPLETED])
    expect(states[0]?.transitions).to.deep.equal([])
    ada.close()
  })

  it("does not show another customer's payment", async () => {
    const ada = await newCustomer(system, { points: 1_000n })
    const eve = await newCustomer(system)
    const { paymentId } = await ada.checkout(await ada.hold(await newConcert(system), ['A-1-1']))
    await expectRefusal(sequencesOf(eve.payments, paymentId), Code.NOT_FOUND, 'PAYMENT_NOT_FOUND')
    await expectRefusal(sequencesOf(eve.payments, randomUUID()), Code.NOT_FOUND, 'PAYMENT_NOT_FOUND')
    ada.close()
    eve.close()
  })
})

/** The sequences of all transitions in a stream, in the order of their arrival. */
async function sequencesOf(
  payments: Awaited<ReturnType<typeof newCustomer>>['payments'],
  paymentId: string,
  afterSequence = 0,
): Promise<number[]> {
  const sequences: number[] = []
  for await (const { payment } of payments.watchPayment({ paymentId, afterSequence })) {
    sequences.push(...(payment?.transitions ?? []).map(({ sequence }) => sequence))
  }
  return sequences
}
