import type { CallTables } from '@boxoffice/common/testing/memory-calls.ts'
import { isFinal } from '../../services/payment/src/domain/payment.ts'
import { allGuards, type Guards } from './guards.ts'
import { MessageLog } from './message-log.ts'
import { createPaymentService, patienceMs } from './payment-service.ts'
import { createPointService } from './point-service.ts'
import { createReservationService } from './reservation-service.ts'
import type { Service } from './service.ts'
import { type ServiceName, type Step, serviceNames } from './step.ts'

const settleRoundsMax = 40

/** Three services, their logs and a clock: the real use cases, with everything below them in memory. */
export class World {
  readonly log = new MessageLog()
  readonly payment: ReturnType<typeof createPaymentService>
  readonly point: ReturnType<typeof createPointService>
  readonly reservation: ReturnType<typeof createReservationService>
  #now = 0

  constructor(guards: Guards = allGuards) {
    this.payment = createPaymentService(this.log, guards, () => this.now)
    this.point = createPointService(this.log, guards)
    this.reservation = createReservationService(this.log, guards, () => this.now)
  }

  get now(): Date {
    return new Date(this.#now)
  }

  async apply(step: Step): Promise<void> {
    switch (step.kind) {
      case 'charge':
        await this.point.charge(step.user, step.amount)
        break
      case 'hold':
        await this.reservation.hold(step.user, `hold-${step.nth}`, step.seats)
        break
      case 'release':
        await this.reservation.release(step.reservation)
        break
      case 'checkout':
        await this.#checkOut(step)
        break
      case 'cancel':
        await this.payment.cancel(`payment-${step.payment}`)
        break
      case 'wait':
        this.#now += step.ms
        break
      case 'fail overdue':
        await this.payment.failOverdue()
        break
      case 'ask again':
        await this.payment.askAgain()
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

  /** Completes everything that is under way, without faults. */
  async settle(): Promise<void> {
    for (let round = 0; round < settleRoundsMax; round++) {
      await this.#drain()
      if ([...this.payment.tables.payments.values()].every(isFinal)) return
      this.#now += patienceMs
      await this.payment.failOverdue()
      await this.payment.askAgain()
    }
  }

  service(name: ServiceName): Service<CallTables> {
    return this[name] as unknown as Service<CallTables>
  }

  async #checkOut({
    payment,
    reservation,
    user,
    amount,
  }: Extract<Step, { kind: 'checkout' }>): Promise<void> {
    const held = [...this.reservation.tables.reservations.values()].at(-1 - reservation)
    const reservationId = held?.reservationId ?? 'no reservation'
    const wanted = {
      paymentId: `payment-${payment}`,
      reservationId,
      userId: user ?? held?.userId ?? 'alice',
      amount: amount ?? held?.totalPrice ?? 100n,
    }
    await this.payment.checkOut(wanted)
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

  /** Loses a record, read or not. Its effect must happen all the same, because payment asks again. */
  #lose(step: Extract<Step, { kind: 'lose record' }>): void {
    this.log.lose(this.#partition(step), step.offset)
  }

  #partition({ service, partition }: { readonly service: ServiceName; readonly partition: number }): string {
    const { partitions } = this.service(service)
    return partitions[partition % partitions.length] ?? ''
  }

  async #drain(): Promise<void> {
    for (;;) {
      if (this.#openWork() === 0) return
      for (const name of serviceNames) {
        const service = this.service(name)
        while (service.outbox.length > 0) service.relay(0, 'never')
        // Member 0 has two turns: a stale member uses its first one to notice that.
        for (let turn = 0; turn < 2; turn++) await service.consume(turn, service.partitions, 1_000, 'never')
        await service.consume(0, service.partitions, 1_000, 'never')
      }
    }
  }

  /** The number of rows to publish and of records to read. */
  #openWork(): number {
    return serviceNames
      .map((name) => this.service(name))
      .reduce(
        (sum, service) =>
          sum +
          service.outbox.length +
          service.partitions.reduce(
            (lag, partition) => lag + this.log.end(partition) - service.position(partition),
            0,
          ),
        0,
      )
  }
}
