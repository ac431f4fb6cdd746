import { randomUUID } from 'node:crypto'
import type { OutboxMessage } from '@boxoffice/messaging'
import { deriveMessageId } from '@boxoffice/messaging'
import {
  FailureReason,
  type Payment,
  PaymentStatus,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { ReservationStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { startTemporarySystem } from '../scripts/platform/temporary-system.ts'
import { expectBalancedBooks } from './support/books.ts'
import { type Customer, newConcert, newCustomer } from './support/customer.ts'
import { type Forger, startForger, writerOf } from './support/forger.ts'
import {
  confirmCommand,
  oneOfEach,
  pointRefunded,
  pointUsed,
  refundCommand,
  seatsConfirmed,
  useCommand,
} from './support/forgeries.ts'
import { nameOf, readerOf, readers, recordsPutAside } from './support/records-put-aside.ts'
import type { TestSystem } from './support/shared-system.ts'
import { waitUntil } from './support/wait-until.ts'

/**
 * An attacker with a relay's Kafka password can write what that relay can, and achieve no more than its service may
 * say.
 */
describe('a record that an attacker wrote with the password of a relay', function () {
  this.timeout(240_000)
  let system: TestSystem
  let forger: Forger
  const { reasons, putAside, discardAll } = recordsPutAside(() => system)
  const customers: Customer[] = []

  before(async () => {
    system = await startTemporarySystem({
      secure: true,
      env: { LOG_LEVEL: 'warn', ASK_AGAIN_AFTER_MS: '3s' },
    })
    forger = startForger(system)
  })
  after(async () => {
    await forger?.close()
    await system?.stop()
  })
  afterEach(async () => {
    await discardAll()
    await expectBalancedBooks(system, 90_000)
    for (const customer of customers.splice(0)) customer.close()
  })

  it('completes no checkout of users with one point by an event on reservation-events that points were taken', async () => {
    const concert = await newConcert(system, 2)
    const attempts = Array.from({ length: 12 }, async (_, nth) => {
      const ada = await customer(1n)
      const reservation = await ada.hold(concert, [`A-${(nth % 2) + 1}-${Math.floor(nth / 2) + 1}`])
      const payment = await ada.checkout(reservation)
      await forger.write([{ ...pointUsed(payment), topic: 'reservation-events' }])
      const { status, failureReason } = await ada.settled(payment.paymentId)
      return { status, failureReason, balance: await ada.balance() }
    })
    const { FAILED } = PaymentStatus
    expect(await Promise.all(attempts)).to.deep.equal(
      attempts.map(() => ({ status: FAILED, failureReason: FailureReason.INSUFFICIENT_POINTS, balance: 1n })),
    )
    expect(await reasons('payment', attempts.length)).to.deep.equal(attempts.map(() => 'WRONG_TOPIC'))
  })

  it('completes no checkout without points and seats by an event on point-events that seats were sold', async () => {
    const ada = await customer(1n)
    const reservation = await ada.hold(await newConcert(system), ['A-1-1'])
    const payment = await ada.checkout(reservation)
    await forger.write([{ ...seatsConfirmed(payment), topic: 'point-events' }])
    expect((await ada.settled(payment.paymentId)).status).to.equal(PaymentStatus.FAILED)
    expect(await reasons('payment', 1)).to.deep.equal(['WRONG_TOPIC'])
    expect(await ada.balance()).to.equal(1n)
    const { reservation: held } = await ada.reservations.getReservation({
      reservationId: payment.reservationId,
    })
    expect(held?.status).to.equal(ReservationStatus.HELD)
  })

  it('moves no point to another user by a refund command in the name of payment', async () => {
    const [ada, mallory] = [await customer(1_000n), await customer(1n)]
    const payment = await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))
    await forger.write([refundCommand({ ...payment, userId: mallory.userId })])
    expect(await reasons('point', 1)).to.deep.equal(['CONTRADICTS_RECORD'])
    expect([await ada.balance(), await mallory.balance()]).to.deep.equal([900n, 1n])
  })

  it('is put aside, whatever its type and topic, if that is not the topic of its type', async () => {
    const ada = await customer(1_000n)
    const concert = await newConcert(system)
    const reservation = await ada.hold(concert, ['A-1-1'])
    const payment = await ada.buy(reservation)
    const topics = Object.keys(writerOf)
    const messages = oneOfEach(payment, reservation, concert)
    expect(messages).to.have.length(15)
    const forged = messages.flatMap((message) =>
      topics.filter((topic) => topic !== message.topic).map((topic) => ({ ...message, topic })),
    )
    await forger.write(forged)
    const read = forged.filter(({ topic }) => topic in readerOf)
    const expected = read.map(({ type, topic }) => `${shortName(type)} on ${topic}: ${reasonOn(topic, type)}`)
    const found = await waitUntil('all forged records are put aside', async () => {
      const all = (await Promise.all(readers.map((reader) => putAside(reader)))).flat()
      return all.length >= expected.length && all
    })
    expect(
      found.map(({ type, topic, reason }) => `${shortName(type)} on ${topic}: ${nameOf(reason)}`),
    ).to.have.members(expected)
    await unchanged(ada, payment)
  })

  it('is put aside if a header or the key is not what its contract says', async () => {
    const ada = await customer(1_000n)
    const payment = await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))
    const handled = [
      useCommand(payment),
      refundCommand(payment),
      confirmCommand(payment),
      pointUsed(payment, 1),
      pointRefunded(payment),
      seatsConfirmed(payment, 2),
    ]
    const forged = handled.flatMap((message) => [
      { message: withHeader(message, 'ce_source', 'boxoffice/console'), reason: 'WRONG_SOURCE' },
      { message: { ...message, key: Buffer.from(randomUUID()) }, reason: 'WRONG_KEY' },
      { message: { ...message, key: null }, reason: 'WRONG_KEY' },
      { message: withHeader(message, 'ce_subject', randomUUID()), reason: 'WRONG_SUBJECT' },
      ...(message.topic.endsWith('-events')
        ? [
            { message: withHeader(message, 'ce_id', randomUUID()), reason: 'WRONG_ID' },
            // The id of an event that another service may publish later.
            {
              message: withHeader(
                message,
                'ce_id',
                deriveMessageId('boxoffice.point.v1.PointsChargedEvent', 'a'),
              ),
              reason: 'WRONG_ID',
            },
          ]
        : []),
    ])
    await forger.write(forged.map(({ message }) => message))
    for (const reader of readers) {
      const own = forged.filter(({ message }) => readerOf[message.topic as keyof typeof readerOf] === reader)
      expect(await reasons(reader, own.length), reader).to.have.members(own.map(({ reason }) => reason))
    }
    await unchanged(ada, payment)
    // None of them parks a key: neither the user nor the payment nor the reservation.
    expect((await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))).status).to.equal(
      PaymentStatus.COMPLETED,
    )
  })

  it('is put aside if it is about another user, amount, reservation or outcome than the service has on record', async () => {
    const mallory = await customer(1n)
    const concert = await newConcert(system, 2, 20)
    const foreign = () => ({ userId: mallory.userId })
    const forgeries: readonly ((payment: Payment) => OutboxMessage)[] = [
      (payment) => useCommand({ ...payment, ...foreign() }),
      (payment) => useCommand({ ...payment, amount: 1n }),
      (payment) => refundCommand({ ...payment, amount: 1n }),
      (payment) => confirmCommand({ ...payment, ...foreign() }),
      (payment) => confirmCommand({ ...payment, amount: 1n }),
      (payment) => confirmCommand({ ...payment, reservationId: randomUUID() }),
      (payment) => pointUsed({ ...payment, ...foreign() }),
      (payment) => pointUsed({ ...payment, amount: 1n }),
      (payment) => pointUsed({ ...payment, paymentId: randomUUID() }),
      (payment) => pointUsed(payment, 1),
      (payment) => pointRefunded(payment),
      (payment) => pointRefunded({ ...payment, ...foreign() }),
      (payment) => pointRefunded({ ...payment, amount: 1n }),
      (payment) => seatsConfirmed({ ...payment, ...foreign() }),
      (payment) => seatsConfirmed({ ...payment, amount: 1n }),
      (payment) => seatsConfirmed({ ...payment, reservationId: randomUUID() }),
      (payment) => seatsConfirmed({ ...payment, paymentId: randomUUID() }),
      (payment) => seatsConfirmed(payment, 2),
    ]
    const bought = await Promise.all(
      forgeries.map(async (forge, nth) => {
        const ada = await customer(1_000n)
        const seat = `A-${(nth % 2) + 1}-${Math.floor(nth / 2) + 1}`
        const payment = await ada.buy(await ada.hold(concert, [seat]))
        return { ada, payment, forged: forge(payment) }
      }),
    )
    await forger.write(bought.map(({ forged }) => forged))
    for (const reader of readers) {
      const own = bought.filter(({ forged }) => readerOf[forged.topic as keyof typeof readerOf] === reader)
      expect(await reasons(reader, own.length), reader).to.deep.equal(own.map(() => 'CONTRADICTS_RECORD'))
    }
    for (const { ada, payment } of bought) await unchanged(ada, payment)
    expect(await mallory.balance()).to.equal(1n)
  })

  async function unchanged(buyer: Customer, payment: Payment): Promise<void> {
    const { payment: now } = await buyer.payments.getPayment({ paymentId: payment.paymentId })
    expect(now).to.include({ status: PaymentStatus.COMPLETED, sequence: payment.sequence })
    expect(await buyer.balance()).to.equal(1_000n - payment.amount)
    const { reservation } = await buyer.reservations.getReservation({ reservationId: payment.reservationId })
    expect(reservation?.paymentId).to.equal(payment.paymentId)
  }

  async function customer(points: bigint): Promise<Customer> {
    const created = await newCustomer(system, { points })
    customers.push(created)
    return created
  }
})

/**
 * The reason expected on a wrong topic. Payment knows the types of both its topics; other consumers only those of
 * their topic.
 */
function reasonOn(topic: string, type: string): string {
  const isAnswer = /^boxoffice\.(point\.v1\.Point|reservation\.v1\.(Seats|Concert)).*Event$/.test(type)
  return topic.endsWith('-events') && isAnswer ? 'WRONG_TOPIC' : 'UNKNOWN_TYPE'
}

function withHeader(message: OutboxMessage, name: string, value: string): OutboxMessage {
  return { ...message, headers: { ...message.headers, [name]: value } }
}

function shortName(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1)
}
