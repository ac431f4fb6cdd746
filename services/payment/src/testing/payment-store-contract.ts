import { randomUUID } from 'node:crypto'
import type { Transactions } from '@boxoffice/common/grpc/call-store.ts'
import { expect } from 'chai'
import type { KnownReservation } from '../domain/known-reservation.ts'
import type { Payment, Status } from '../domain/payment.ts'
import { createPaymentDecider } from '../domain/payment-decider.ts'
import type { SagaMessage } from '../domain/saga.ts'
import type { NewPayment } from '../storage/insert-payments.ts'
import type { PaymentStore } from '../storage/payment-store.ts'

/** A store that is open, and what tests read of it. */
export interface OpenStore<Tx> extends Pick<Transactions<Tx>, 'transaction'> {
  readonly store: PaymentStore<Tx>
  /** The statuses that a payment has had, oldest first. */
  historyOf(paymentId: string): Promise<readonly Status[]>
  close(): Promise<void>
}

/** Questions are due at once, and deadlines far away unless a test sets another one. */
const patience = { deadlineMs: 600_000, askAgainMs: 0, askAgainMaxMs: 0 }
const decider = createPaymentDecider(patience)

/** The contract suite of payment stores, on PostgreSQL and in memory. */
export function paymentStoreContract<Tx>(name: string, open: () => Promise<OpenStore<Tx>>): void {
  describe(`the store of payments ${name}`, () => {
    let opened: OpenStore<Tx>
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.close())

    const inStore = <Result>(work: (store: PaymentStore<Tx>, tx: Tx) => Promise<Result>) =>
      opened.transaction((tx) => work(opened.store, tx))
    const insert = (orders: readonly NewPayment[], atAcceptance: Partial<typeof decider.atAcceptance> = {}) =>
      inStore((store, tx) => store.insert(tx, orders, { ...decider.atAcceptance, ...atAcceptance }))

    it('inserts payments with their first transition, each once', async () => {
      const order = orderOf()
      const { accepted } = await insert([order])
      const payment = accepted.get(order.paymentId) as Payment
      expect(payment).to.include({
        points: 'UNKNOWN',
        seats: 'UNKNOWN',
        refund: 'NONE',
        sequence: 1,
        attempt: 0,
      })
      expect(payment.deadline.getTime() - payment.createdAt.getTime()).to.equal(patience.deadlineMs)
      expect(await stored(order)).to.deep.equal(payment)
      expect(await opened.historyOf(order.paymentId)).to.deep.equal(['PENDING'])
      const again = await insert([order])
      expect([again.accepted.size, again.refused.size]).to.deep.equal([0, 0])
    })

    it('skips an order while another payment of its reservation has not failed', async () => {
      const first = orderOf()
      const second = { ...first, paymentId: randomUUID() }
      await insert([first])
      expect((await insert([second])).accepted.size).to.equal(0)
      await advance(first, { type: 'CANCEL_REQUESTED' })
      expect((await insert([second])).accepted.size).to.equal(1)
    })

    it('refuses what reservation would refuse, by the latest state that it has published', async () => {
      const known = (changes: Partial<KnownReservation>) => ({ ...knownOf(), ...changes })
      const lapsed = { heldUntil: new Date(Date.now() - 1_000) }
      const held = known({})
      const reservations = [
        known({ userId: 'bob' }),
        known({ state: 'SOLD' }),
        known({ state: 'RELEASED' }),
        known(lapsed),
        known({ totalPrice: 50n }),
        held,
      ]
      const sold = { ...held, state: 'SOLD', version: 2 } as const
      await inStore((store, tx) => store.saveReservations(tx, reservations))
      const orders = reservations.map(({ reservationId }) => ({ ...orderOf(), reservationId }))
      const { accepted, refused } = await insert(orders)
      expect(orders.map(({ paymentId }) => refused.get(paymentId)?.reason)).to.deep.equal([
        'RESERVATION_NOT_FOUND',
        'RESERVATION_IN_PAYMENT',
        'HOLD_EXPIRED',
        'HOLD_EXPIRED',
        'AMOUNT_MISMATCH',
        undefined,
      ])
      expect(refused.get(orders[4]?.paymentId ?? '')?.totalPrice).to.equal(50n)
      expect(accepted.size).to.equal(1)
      await inStore((store, tx) => store.saveReservations(tx, [held, sold, held]))
      await inStore((store, tx) => store.saveReservations(tx, [held]))
      const later = { ...orderOf(), reservationId: held.reservationId }
      expect((await insert([later])).refused.get(later.paymentId)?.reason).to.equal('RESERVATION_IN_PAYMENT')
    })

    it('keeps a payment and its history as they were decided', async () => {
      const order = orderOf()
      await insert([order])
      const payment = await advance(order, { type: 'POINTS_TAKEN' }, { type: 'SEATS_SOLD' })
      expect(payment).to.include({ points: 'TAKEN', seats: 'SOLD', sequence: 3 })
      expect(await stored(order)).to.deep.equal(payment)
      expect(await opened.historyOf(order.paymentId)).to.deep.equal(['PENDING', 'PROCESSING', 'COMPLETED'])
    })

    it('refuses a transition that is stored already', async () => {
      const order = orderOf()
      await insert([order])
      const payment = await stored(order)
      const twice = inStore((store, tx) =>
        store.save(tx, [{ state: payment, wakeups: decider.wakeupsOf(payment, new Date()) }], [payment]),
      )
      expect(await twice.catch(() => 'refused')).to.equal('refused')
    })

    it('finds payments by their ids, and one payment only for its own user', async () => {
      const [order, other] = [orderOf(), orderOf()]
      await insert([order, other])
      const { states } = await inStore((store, tx) => store.lock(tx, [order.paymentId, randomUUID()]))
      expect([...states.keys()]).to.deep.equal([order.paymentId])
      const found = await inStore((store, tx) => store.find(tx, [other.paymentId]))
      expect(found.map(({ paymentId }) => paymentId)).to.deep.equal([other.paymentId])
      const { paymentId } = order
      const ofUser = (userId: string) => inStore((store, tx) => store.findOwn(tx, { paymentId, userId }))
      expect((await ofUser('ada'))?.paymentId).to.equal(paymentId)
      expect(await ofUser('bob')).to.equal(null)
    })

    it('finds payments that have to ask again, until they are final', async () => {
      const [order, later] = [orderOf(), orderOf()]
      await insert([order])
      await insert([later], { askAgainInMs: 600_000 })
      expect(await unanswered()).to.deep.equal([
        { paymentId: order.paymentId, traceparent: order.traceparent },
      ])
      await advance(order, { type: 'POINTS_REFUSED', reason: 'UNKNOWN_WALLET' })
      expect(await unanswered()).to.deep.equal([])
    })

    it('finds payments whose deadline has passed, while they are PENDING', async () => {
      const [order, processing, patient] = [orderOf(), orderOf(), orderOf()]
      await insert([patient])
      expect(await inStore((store, tx) => store.readOverdueCutoff(tx))).to.equal(undefined)
      await insert([order, processing], { giveUpInMs: 0 })
      await advance(processing, { type: 'POINTS_TAKEN' })
      const cutoff = (await inStore((store, tx) => store.readOverdueCutoff(tx))) ?? ''
      const overdue = await inStore((store, tx) => store.lockOverdue(tx, 10, cutoff))
      expect(overdue.map(({ paymentId }) => paymentId)).to.deep.equal([order.paymentId])
      expect(await inStore((store, tx) => store.lockOverdue(tx, 0, cutoff))).to.deep.equal([])
    })

    it('keeps nothing of a transaction that fails', async () => {
      const order = orderOf()
      const failed = inStore(async (store, tx) => {
        await store.insert(tx, [order], decider.atAcceptance)
        throw new Error('the disk is full')
      })
      expect(await failed.catch(String)).to.contain('the disk is full')
      expect(await inStore((store, tx) => store.find(tx, [order.paymentId]))).to.deep.equal([])
    })

    async function stored({ paymentId }: NewPayment): Promise<Payment> {
      const { states } = await inStore((store, tx) => store.lock(tx, [paymentId]))
      return states.get(paymentId) as Payment
    }

    function unanswered() {
      return inStore((store, tx) => store.lockUnanswered(tx, 10))
    }

    async function advance(order: NewPayment, ...messages: readonly SagaMessage[]): Promise<Payment> {
      return inStore(async (store, tx) => {
        const { states, now } = await store.lock(tx, [order.paymentId])
        let payment = states.get(order.paymentId) as Payment
        const transitions = messages.map((message) => {
          payment = decider.decide(payment, message, now).payment
          return payment
        })
        await store.save(tx, [{ state: payment, wakeups: decider.wakeupsOf(payment, now) }], transitions)
        return payment
      })
    }
  })
}

function orderOf(): NewPayment {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  return { paymentId: randomUUID(), reservationId: randomUUID(), userId: 'ada', amount: 100n, traceparent }
}

function knownOf(): KnownReservation {
  const heldUntil = new Date(Date.now() + 60_000)
  return {
    reservationId: randomUUID(),
    userId: 'ada',
    totalPrice: 100n,
    state: 'HELD',
    heldUntil,
    version: 1,
  }
}
