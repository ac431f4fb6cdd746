import { isFinal } from '../../services/payment/src/domain/payment.ts'
import { MessageLog } from './message-log.ts'
import { type PaymentBooks, paymentOptions, startPayment, startStep } from './payment-service.ts'
import { charge, type PointBooks, pointOptions } from './point-service.ts'
import { hold, type ReservationBooks, release, reservationOptions } from './reservation-service.ts'
import { Service } from './service.ts'
import { type ServiceName, type Step, serviceNames } from './step.ts'

export interface Guards {
  /** False lets each consumer handle what it has handled before. */
  readonly inbox: boolean
  /** False lets point forget what it decided for a payment. */
  readonly debits: boolean
}

const patienceMs = 60
const settleRoundsMax = 40

/** Three services, their logs and a clock: the real domains, and of point the real use case, with everything else in memory. */
export class World {
  readonly log = new MessageLog()
  readonly payment: Service<PaymentBooks>
  readonly point: Service<PointBooks>
  readonly reservation: Service<ReservationBooks>
  #now = 0

  constructor({ inbox, debits }: Guards = { inbox: true, debits: true }) {
    this.payment = new Service(paymentOptions(inbox), this.log)
    this.point = new Service(pointOptions(inbox, debits), this.log)
    this.reservation = new Service(
      reservationOptions(inbox, () => this.now),
      this.log,
    )
  }

  get now(): Date {
    return new Date(this.#now)
  }

  async apply(step: Step): Promise<void> {
    switch (step.kind) {
      case 'charge':
        this.point.transaction(({ books }) => charge(books, step.user, step.amount))
        break
      case 'hold':
        this.reservation.transaction(({ books }) =>
          hold(books, `reservation-${step.nth}`, step.user, step.seats, this.now),
        )
        break
      case 'release':
        this.reservation.transaction(({ books }) =>
          release(books, `reservation-${step.reservation}`, this.now),
        )
        break
      case 'checkout':
        this.#checkOut(step)
        break
      case 'cancel':
        this.#start(`payment-${step.payment}`, { type: 'CANCEL_REQUESTED' })
        break
      case 'wait':
        this.#now += step.ms
        break
      case 'fail overdue':
        this.#failOverdue()
        break
      case 'ask again':
        this.#start(`payment-${step.payment}`, { type: 'ANSWER_MISSING' })
        break
      case 'relay':
        this.service(step.service).relay(step.nth, step.crash)
        break
      case 'consume':
        await this.#consume(step)
        break
      case 'replay':
        this.service(step.service).replay(this.#partition(step), step.offset)
        break
      case 'prune inbox':
        this.service(step.service).pruneInbox()
        break
      case 'lose record':
        this.#lose(step)
        break
    }
  }

  /** Lets everything that is under way come to its end, without faults. */
  async settle(): Promise<void> {
    for (let round = 0; round < settleRoundsMax; round++) {
      await this.#drain()
      const open = [...this.payment.books.payments.values()].filter((payment) => !isFinal(payment))
      if (open.length === 0) return
      this.#now += patienceMs
      this.#failOverdue()
      for (const { paymentId } of open) this.#start(paymentId, { type: 'ANSWER_MISSING' })
    }
  }

  service(name: ServiceName): Service<unknown> {
    return this[name] as Service<unknown>
  }

  #checkOut({ payment, reservation, user, amount }: Extract<Step, { kind: 'checkout' }>): void {
    const held = [...this.reservation.books.reservations.values()].at(-1 - reservation)
    const reservationId = held?.reservationId ?? 'no reservation'
    const wanted = {
      paymentId: `payment-${payment}`,
      reservationId,
      userId: user ?? held?.userId ?? 'alice',
      amount: amount ?? held?.totalPrice ?? 100n,
    }
    const deadline = new Date(this.#now + patienceMs)
    this.payment.transaction((database) => startPayment(database, wanted, deadline))
  }

  #start(paymentId: string, message: Parameters<typeof startStep>[2]): void {
    this.payment.transaction((database) => startStep(database, paymentId, message, this.now))
  }

  /** An unread answer is not a missing one: see fail-overdue.ts. */
  #failOverdue(): void {
    if (!this.payment.hasRead('point-events')) return
    for (const { paymentId, deadline } of this.payment.books.payments.values()) {
      if (deadline <= this.now) this.#start(paymentId, { type: 'DEADLINE_PASSED' })
    }
  }

  async #consume({
    service,
    member,
    partitions,
    batchSizeMax,
    crash,
  }: Extract<Step, { kind: 'consume' }>): Promise<void> {
    const chosen = partitions.map((partition) => this.#partition({ service, partition }))
    await this.service(service).consume(member, [...new Set(chosen)], batchSizeMax, crash)
  }

  /** Read or not: what follows from it has to come about all the same, because payment asks again. */
  #lose(step: Extract<Step, { kind: 'lose record' }>): void {
    this.log.lose(this.#partition(step), step.offset)
  }

  #partition({ service, partition }: { readonly service: ServiceName; readonly partition: number }): string {
    const { partitions } = this.service(service)
    return partitions[partition % partitions.length] ?? ''
  }

  async #drain(): Promise<void> {
    for (;;) {
      const before = this.#restlessness()
      if (before === 0) return
      for (const name of serviceNames) {
        const service = this.service(name)
        while (service.outbox.length > 0) service.relay(0, 'never')
        // Twice: a member that was left behind finds out first.
        for (let turn = 0; turn < 2; turn++) await service.consume(turn, service.partitions, 1_000, 'never')
        await service.consume(0, service.partitions, 1_000, 'never')
      }
    }
  }

  /** Rows to publish and records to read. */
  #restlessness(): number {
    return serviceNames
      .map((name) => this.service(name))
      .reduce(
        (sum, service) =>
          sum +
          service.outbox.length +
          service.partitions.reduce((lag, one) => lag + this.log.end(one) - service.position(one), 0),
        0,
      )
  }
}
