import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Payment } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { present, seatPrice } from '../../support/customer.ts'
import type { Answer, History } from '../history.ts'
import type { Random } from '../random.ts'
import type { BoxOffice } from './box-office.ts'
import type { ReplicaClients } from './client.ts'
import { stateOf, watch } from './watch.ts'

export interface BuyerParts {
  /** The buyer's name in the history. */
  readonly name: string
  readonly userId: string
  readonly clients: ReplicaClients
  readonly history: History
  readonly office: BoxOffice
  readonly random: Random
  /** Aborted when no new purchase may begin. */
  readonly over: AbortSignal
}

const attemptsMax = 200
const retryMs = 150
const waitMs = 5_000
const thinkMs = 250

/**
 * Charges, holds, buys, cancels and releases until the load is over, as a careful client does: a call without an
 * answer is repeated with the same request id, on any replica.
 */
export async function buyForEver(parts: BuyerParts): Promise<void> {
  const buyer = new Buyer(parts)
  await buyer.charge(seatPrice * 50n)
  while (!parts.over.aborted) {
    await buyer.purchase()
    await sleep(parts.random.between(0, thinkMs))
  }
}

class Buyer {
  readonly #parts: BuyerParts

  constructor(parts: BuyerParts) {
    this.#parts = parts
  }

  /** Makes one purchase in a way that is drawn at random. */
  async purchase(): Promise<void> {
    const { random, office } = this.#parts
    if (random.chance(0.05)) await this.charge(BigInt(random.between(1, 20)) * seatPrice)
    const wanted = random.chance(0.25)
      ? await office.hotSeats(random)
      : await office.freshSeats(random.pick([1, 1, 2] as const))
    const reservation = await this.#hold(wanted)
    if (reservation === undefined) return
    const way = random.between(1, 100)
    if (way <= 70) await this.#buy(reservation)
    else if (way <= 76) await this.#buyAndCancel(reservation)
    else if (way <= 82) await this.#buyTwiceAtOnce(reservation)
    else if (way <= 85) await this.#buyFor(reservation, reservation.totalPrice + 1n)
    else if (way <= 88) await this.#buyFor(unknownReservation(reservation), reservation.totalPrice)
    else if (way <= 94) await this.#buyAndRelease(reservation)
    else await this.#release(reservation)
  }

  async charge(amount: bigint): Promise<void> {
    const { userId } = this.#parts
    const request = { requestId: randomUUID(), amount }
    await this.#untilAnswered(() =>
      this.#parts.history.call(
        this.#parts.name,
        'charge',
        { userId, ...request },
        () => this.#any('point').chargePoints(request),
        ({ transaction }) => ({ transactionId: transaction?.transactionId, amount: transaction?.amount }),
      ),
    )
  }

  async #hold(wanted: { concertId: string; seats: string[] }): Promise<Reservation | undefined> {
    const request = { requestId: randomUUID(), ...wanted }
    const answer = await this.#untilAnswered(() =>
      this.#parts.history.call(
        this.#parts.name,
        'hold',
        { userId: this.#parts.userId, ...request },
        () => this.#any('reservation').holdSeats(request),
        ({ reservation }) => ({ reservationId: reservation?.reservationId, seats: reservation?.seats }),
      ),
    )
    return answer.outcome === 'ok' ? present(answer.value.reservation) : undefined
  }

  /** Buys, and waits for the final state in one of three ways: in the call, on a stream, or by polling. */
  async #buy(reservation: Reservation): Promise<void> {
    const { random } = this.#parts
    const way = random.pick(['wait', 'wait', 'watch', 'ask'])
    await this.#buyFor(reservation, reservation.totalPrice, way)
  }

  async #buyFor(reservation: Reservation, amount: bigint, way = 'wait'): Promise<void> {
    const { random } = this.#parts
    const requestId = randomUUID()
    let payment = await this.#checkout(requestId, reservation, amount, way === 'wait')
    if (payment === undefined) return
    if (random.chance(0.1)) payment = (await this.#checkout(requestId, reservation, amount, false)) ?? payment
    if (way === 'watch') await this.#watchToTheEnd(payment.paymentId)
    else await this.#askToTheEnd(payment)
  }

  async #buyAndCancel(reservation: Reservation): Promise<void> {
    const payment = await this.#checkout(randomUUID(), reservation, reservation.totalPrice, false)
    if (payment === undefined) return
    await sleep(this.#parts.random.between(0, 20))
    const request = { requestId: randomUUID(), paymentId: payment.paymentId }
    await this.#untilAnswered(() =>
      this.#parts.history.call(
        this.#parts.name,
        'cancel',
        request,
        () => this.#any('payment').cancelPayment(request),
        (answer) => stateOf(present(answer.payment)),
      ),
    )
    await this.#askToTheEnd(payment)
  }

  /** Checks out the same reservation with two request ids, and with one of them twice, at the same time. */
  async #buyTwiceAtOnce(reservation: Reservation): Promise<void> {
    const ids = [randomUUID(), randomUUID()]
    const payments = await Promise.all(
      [ids[0], ids[1], ids[0]].map((id) =>
        this.#checkout(present(id), reservation, reservation.totalPrice, true),
      ),
    )
    for (const payment of payments) if (payment !== undefined) await this.#askToTheEnd(payment)
  }

  async #buyAndRelease(reservation: Reservation): Promise<void> {
    const [payment] = await Promise.all([
      this.#checkout(randomUUID(), reservation, reservation.totalPrice, true),
      this.#release(reservation),
    ])
    if (payment !== undefined) await this.#askToTheEnd(payment)
  }

  async #release({ reservationId }: Reservation): Promise<void> {
    const request = { requestId: randomUUID(), reservationId }
    await this.#untilAnswered(() =>
      this.#parts.history.call(
        this.#parts.name,
        'release',
        request,
        () => this.#any('reservation').releaseReservation(request),
        ({ reservation }) => ({ status: reservation?.status }),
      ),
    )
  }

  async #checkout(
    requestId: string,
    { reservationId }: Reservation,
    amount: bigint,
    wait: boolean,
  ): Promise<Payment | undefined> {
    const { name, userId, history } = this.#parts
    const request = { requestId, reservationId, amount }
    const answer = await this.#untilAnswered(() =>
      history.call(
        name,
        'checkout',
        { userId, ...request, wait },
        () =>
          this.#any('payment').checkout(
            wait ? { ...request, wait: { seconds: BigInt(waitMs / 1_000) } } : request,
            { deadlineMs: 2 * waitMs },
          ),
        ({ payment }) => stateOf(present(payment)),
      ),
    )
    return answer.outcome === 'ok' ? answer.value.payment : undefined
  }

  async #askToTheEnd({ paymentId, final }: Payment): Promise<void> {
    for (let attempt = 1; !final && attempt <= attemptsMax && !this.#gaveUp(); attempt++) {
      const answer = await this.#parts.history.call(
        this.#parts.name,
        'get',
        { paymentId },
        () => this.#any('payment').getPayment({ paymentId }),
        ({ payment }) => stateOf(present(payment)),
      )
      // A refusal says that the payment does not exist any more: allowed only after its database has lost it.
      if (answer.outcome === 'failed' || (answer.outcome === 'ok' && answer.value.payment?.final)) return
      await sleep(retryMs)
    }
  }

  async #watchToTheEnd(paymentId: string): Promise<void> {
    const { history, name } = this.#parts
    let after = 0
    for (let attempt = 1; attempt <= attemptsMax && !this.#gaveUp(); attempt++) {
      const seen = await watch(history, name, this.#any('payment'), paymentId, after)
      if (seen.over) return
      after = seen.sequence
      await sleep(retryMs)
    }
  }

  /** Whether the load is over: a call without an answer then stays unknown. */
  #gaveUp(): boolean {
    return this.#parts.over.aborted
  }

  async #untilAnswered<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
    for (let attempt = 1; ; attempt++) {
      const answer = await call()
      if (answer.outcome !== 'unknown' || attempt === attemptsMax || this.#gaveUp()) return answer
      await sleep(retryMs)
    }
  }

  #any<Name extends 'payment' | 'point' | 'reservation'>(service: Name): ReplicaClients[Name][number] {
    return this.#parts.random.pick<ReplicaClients[Name][number]>(this.#parts.clients[service])
  }
}

/** A reservation that does not exist. Payment cannot know that; reservation refuses it, and the points come back. */
function unknownReservation(reservation: Reservation): Reservation {
  return { ...reservation, reservationId: randomUUID() }
}
