import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Payment, PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { type BoxOffice, openBoxOffice } from '../faults/load/box-office.ts'
import { type Customer, newCustomer, present, seatPrice } from '../support/customer.ts'
import type { TestSystem } from '../support/shared-system.ts'
import { answerOf } from './tally.ts'

/** A call of a customer who is no attacker. Times as of `performance.now()`. */
export interface ServedCall {
  readonly what: string
  readonly begunMs: number
  readonly tookMs: number
  /** The error; undefined if the call was served. */
  readonly refusal?: string
}

export interface Bystanders {
  /** Every call so far, in the order of their ends. */
  readonly calls: readonly ServedCall[]
  /** Waits until `count` more calls have ended, for half a minute at most. */
  more(count: number): Promise<void>
  /** Waits until every call that began before `ms` has ended. */
  ended(ms: number): Promise<void>
  stop(): Promise<void>
}

const buyers = 8
const thinkMs = 350
const patienceMs = 30_000

/** Starts buyers who hold, pay and read, at a pace that does not load the system. Each call is timed. */
export async function startBystanders(system: TestSystem): Promise<Bystanders> {
  const office = await openBoxOffice(system)
  const calls: ServedCall[] = []
  const open = new Set<number>()
  const over = new AbortController()
  const customers = await Promise.all(
    Array.from({ length: buyers }, () => newCustomer(system, { points: seatPrice * 10_000n })),
  )
  const shopping = customers.map(async (customer) => {
    while (!over.signal.aborted) {
      await buyAndLook(customer, office, { calls, open })
      await sleep(thinkMs)
    }
  })
  return {
    calls,
    async more(count) {
      const [enough, deadline] = [calls.length + count, performance.now() + patienceMs]
      while (calls.length < enough && performance.now() < deadline) await sleep(20)
    },
    async ended(ms) {
      while ([...open].some((begunMs) => begunMs <= ms)) await sleep(20)
    },
    async stop() {
      over.abort()
      await Promise.all(shopping)
      for (const customer of customers) customer.close()
    },
  }
}

/** The calls that have ended, and the start times of those that have not. */
interface Diary {
  readonly calls: ServedCall[]
  readonly open: Set<number>
}

async function buyAndLook(customer: Customer, office: BoxOffice, { calls, open }: Diary): Promise<void> {
  const timed = async <Answer>(what: string, call: () => Promise<Answer>): Promise<Answer | undefined> => {
    const begunMs = performance.now()
    open.add(begunMs)
    const entry = (refusal?: string): void => {
      open.delete(begunMs)
      calls.push({ what, begunMs, tookMs: performance.now() - begunMs, ...(refusal && { refusal }) })
    }
    try {
      const answer = await call()
      entry()
      return answer
    } catch (error) {
      entry(answerOf(error))
      return undefined
    }
  }
  const wanted = await office.freshSeats(1)
  const held = await timed('hold', () =>
    customer.reservations.holdSeats({ requestId: randomUUID(), ...wanted }),
  )
  await timed('balance', () => customer.points.getBalance({}))
  const reservation = held?.reservation
  if (reservation !== undefined) await timed('buy', async () => completed(await customer.buy(reservation)))
  await timed('payments', () => customer.payments.listPayments({ pageSize: 5 }))
}

function completed(payment: Payment): void {
  if (payment.status !== PaymentStatus.COMPLETED)
    throw new Error(`payment ${present(payment.paymentId)} has not completed in time`)
}
