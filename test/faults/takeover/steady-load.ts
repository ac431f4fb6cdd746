import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { FailureReasonSchema, type Payment } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { present, seatPrice } from '../../support/customer.ts'
import { nameOf } from '../../support/name-of.ts'
import { untilAnswered } from '../../support/until-answered.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { type BoxOffice, openBoxOffice } from '../load/box-office.ts'
import { clientsOf, type ReplicaClients } from '../load/client.ts'
import { type Random, randomOf } from '../random.ts'
import type { World } from '../world.ts'

/** A purchase that has ended. Times as of `performance.now()`. */
export interface Purchase {
  readonly begunMs: number
  readonly endedMs: number
  /** Why the payment failed; undefined when it completed. */
  readonly failure: string | undefined
}

/** Customers who only buy: each purchase completes, unless the system is at fault. */
export interface SteadyLoad {
  readonly purchases: readonly Purchase[]
  /** Waits until purchases complete at the usual rate. @throws Error if that takes two minutes */
  flows(): Promise<void>
  /** Waits until every purchase that has begun by now has ended. @throws Error if that takes two minutes */
  settled(): Promise<void>
  stop(): Promise<void>
}

/** Enough wallets for nearly every partition of point-commands. */
const buyers = 24
const thinkMs = [400, 800] as const
const callDeadlineMs = 2_000
const waitSeconds = 5n
const pollMs = 50
const patienceMs = 120_000
/** The rate of purchases that counts as the usual one. */
const flow = { purchases: 20, withinMs: 3_000 }

export async function startSteadyLoad(world: World, seed: number): Promise<SteadyLoad> {
  const office = await openBoxOffice(world.system)
  const over = new AbortController()
  const purchases: Purchase[] = []
  const underWay = new Set<number>()
  const random = randomOf(seed)
  const clients = await Promise.all(
    Array.from({ length: buyers }, (_, nth) => clientsOf(world, `steady-${seed}-${nth + 1}`, callDeadlineMs)),
  )
  const buying = clients.map(async (own) => {
    const buyer = new SteadyBuyer(own, office, random)
    await buyer.charge(seatPrice * 10_000n)
    while (!over.signal.aborted) {
      const begunMs = performance.now()
      underWay.add(begunMs)
      const failure = await buyer.buy()
      underWay.delete(begunMs)
      purchases.push({ begunMs, endedMs: performance.now(), failure })
      await sleep(random.between(...thinkMs))
    }
  })
  const all = Promise.all(buying)
  // A buyer that fails is a defect of the harness: stop() throws its error.
  all.catch(() => {})
  return {
    purchases,
    async flows() {
      const fromMs = performance.now()
      await waitUntil(
        'purchases complete again',
        async () => {
          const sinceMs = Math.max(fromMs, performance.now() - flow.withinMs)
          return purchases.filter(({ endedMs }) => endedMs > sinceMs).length >= flow.purchases
        },
        { deadlineMs: patienceMs },
      )
    },
    async settled() {
      const nowMs = performance.now()
      await waitUntil(
        'every purchase has ended',
        async () => [...underWay].every((begunMs) => begunMs > nowMs),
        { deadlineMs: patienceMs },
      )
    },
    async stop() {
      over.abort()
      await all
      for (const own of clients) own.close()
    },
  }
}

class SteadyBuyer {
  readonly #clients: ReplicaClients
  readonly #office: BoxOffice
  readonly #random: Random

  constructor(clients: ReplicaClients, office: BoxOffice, random: Random) {
    this.#clients = clients
    this.#office = office
    this.#random = random
  }

  async charge(amount: bigint): Promise<void> {
    const request = { requestId: randomUUID(), amount }
    await untilAnswered(() => this.#any('point').chargePoints(request), patienceMs)
  }

  /**
   * Holds a seat that no other buyer wants, pays for it and waits for the final state; returns why the payment failed.
   */
  async buy(): Promise<string | undefined> {
    const hold = { requestId: randomUUID(), ...(await this.#office.freshSeats(1)) }
    const held = await untilAnswered(() => this.#any('reservation').holdSeats(hold), patienceMs)
    const { reservationId, totalPrice: amount } = present(held.reservation)
    const checkout = { requestId: randomUUID(), reservationId, amount, wait: { seconds: waitSeconds } }
    const { payment } = await untilAnswered(
      () => this.#any('payment').checkout(checkout, { deadlineMs: 2 * Number(waitSeconds) * 1_000 }),
      patienceMs,
    )
    return failureOf(await this.#settled(present(payment)))
  }

  async #settled(payment: Payment): Promise<Payment> {
    let latest = payment
    while (!latest.final) {
      await sleep(pollMs)
      const { paymentId } = payment
      const answer = await untilAnswered(() => this.#any('payment').getPayment({ paymentId }), patienceMs)
      latest = present(answer.payment)
    }
    return latest
  }

  #any<Name extends 'payment' | 'point' | 'reservation'>(service: Name): ReplicaClients[Name][number] {
    return this.#random.pick<ReplicaClients[Name][number]>(this.#clients[service])
  }
}

function failureOf({ paymentId, failureReason }: Payment): string | undefined {
  if (failureReason === 0) return undefined
  return `payment ${paymentId} failed: ${nameOf(FailureReasonSchema, failureReason)}`
}
