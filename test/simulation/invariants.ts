import { isFinal, statusOf } from '../../services/payment/src/domain/payment.ts'
import { statusAt } from '../../services/reservation/src/domain/reservation.ts'
import { seatNames } from './reservation-service.ts'
import { serviceNames } from './step.ts'
import type { World } from './world.ts'

/** The broken invariants out of those that must hold after each step; numbers as in the design. */
export function brokenAlways(world: World): string[] {
  return [...brokenMoney(world), ...brokenCauses(world), ...brokenHolds(world), ...brokenHistories(world)]
}

/** The broken invariants out of those that must hold once nothing is under way. */
export function brokenAtRest(world: World): string[] {
  return [...brokenAlways(world), ...brokenBooks(world), ...brokenSales(world), ...unrest(world)]
}

function brokenMoney({ point }: World): string[] {
  const { wallets, ledger } = point.tables
  const moves = ledger.flatMap(({ paymentId, kind }) => (paymentId === null ? [] : [`${paymentId} ${kind}`]))
  return [
    ...[...wallets.values()]
      .filter(({ balance }) => balance < 0n)
      .map(({ userId, balance }) => `5: ${userId} has ${balance} points`),
    ...moves
      .filter((move, index) => moves.indexOf(move) < index)
      .map((move) => `9: twice in the ledger: ${move}`),
  ]
}

/** Checks that each effect has its cause. */
function brokenCauses({ payment, point, reservation }: World): string[] {
  const broken: string[] = []
  const { payments } = payment.tables
  const moved = new Set(point.tables.ledger.map(({ kind, paymentId }) => `${kind} ${paymentId}`))
  const sold = new Set(reservation.tables.sales.map(({ paymentId }) => paymentId))
  for (const payment of payments.values()) {
    const { paymentId } = payment
    const status = statusOf(payment)
    if (status === 'COMPLETED' && !(moved.has(`DEBIT ${paymentId}`) && sold.has(paymentId)))
      broken.push(`5: ${paymentId} is COMPLETED without debit and sale`)
    if (sold.has(paymentId) && status !== 'PROCESSING' && status !== 'COMPLETED')
      broken.push(`5: seats are sold to ${paymentId}, which is ${status}`)
    if (moved.has(`REFUND ${paymentId}`) && status !== 'FAILED')
      broken.push(`5: ${paymentId} has its points back and is ${status}`)
  }
  return broken
}

function brokenHolds({ reservation, now }: World): string[] {
  const { reservations, sales } = reservation.tables
  const live = [...reservations.values()].filter((held) => ['HELD', 'SOLD'].includes(statusAt(held, now)))
  return seatNames.flatMap((seat) => {
    const holders = live.filter(({ seats }) => seats.includes(seat)).length
    const buyers = sales.filter((sale) => sale.seat === seat).length
    return [
      ...(holders > 1 ? [`5: ${seat} has ${holders} live holds or sales`] : []),
      ...(buyers > 1 ? [`2: ${seat} is sold ${buyers} times`] : []),
    ]
  })
}

const paths: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['PROCESSING', 'FAILED'],
  PROCESSING: ['COMPLETED', 'FAILED'],
  COMPLETED: [],
  FAILED: ['FAILED'],
}

function brokenHistories({ payment }: World): string[] {
  const { payments, histories } = payment.tables
  return [...payments.values()].flatMap(({ paymentId, sequence }) => {
    const history = histories.get(paymentId) ?? []
    const isPath = history.every(
      (status, nth) => nth === 0 || paths[history[nth - 1] ?? '']?.includes(status),
    )
    if (isPath && history.length === sequence) return []
    return [`6: the history of ${paymentId} is ${history.join(' → ')}, its sequence ${sequence}`]
  })
}

function brokenBooks({ payment, point }: World): string[] {
  const { wallets, ledger } = point.tables
  const completed = [...payment.tables.payments.values()].filter(
    (payment) => statusOf(payment) === 'COMPLETED',
  )
  const charges = ledger.filter(({ kind }) => kind === 'CHARGE').reduce((sum, { amount }) => sum + amount, 0n)
  const balances = [...wallets.values()].reduce((sum, { balance }) => sum + balance, 0n)
  const spent = completed.reduce((sum, { amount }) => sum + amount, 0n)
  const broken =
    charges - balances === spent ? [] : [`1: ${charges} charged, ${balances} left, ${spent} spent`]
  for (const { userId, balance } of wallets.values()) {
    const sum = ledger
      .filter((entry) => entry.userId === userId)
      .reduce((total, { kind, amount }) => (kind === 'DEBIT' ? total - amount : total + amount), 0n)
    if (sum !== balance) broken.push(`2: ${userId} has ${balance}, by the ledger ${sum}`)
  }
  return broken
}

function brokenSales({ payment, reservation }: World): string[] {
  const { sales, reservations } = reservation.tables
  const completed = [...payment.tables.payments.values()].filter(
    (payment) => statusOf(payment) === 'COMPLETED',
  )
  const bought = completed.flatMap(({ paymentId, reservationId, amount }) => {
    const reserved = reservations.get(reservationId)
    return reserved?.totalPrice === amount
      ? reserved.seats.map((seat) => `${seat} ${paymentId}`)
      : [`nothing ${paymentId}`]
  })
  const sold = sales.map(({ seat, paymentId }) => `${seat} ${paymentId}`)
  const differing = [
    ...sold.filter((sale) => !bought.includes(sale)),
    ...bought.filter((purchase) => !sold.includes(purchase)),
  ]
  return differing.map((sale) => `2: sold and paid for differ in ${sale}`)
}

function unrest(world: World): string[] {
  const broken = [...world.payment.tables.payments.values()]
    .filter((payment) => !isFinal(payment))
    .map(({ paymentId }) => `3: ${paymentId} is not final`)
  for (const name of serviceNames) {
    const service = world.service(name)
    if (service.outbox.length > 0) broken.push(`4: ${service.outbox.length} rows in the outbox of ${name}`)
    for (const partition of service.partitions) {
      const records = world.log.records(partition)
      if (service.position(partition) !== records.length) broken.push(`4: ${name} lags in ${partition}`)
      for (const record of records) {
        if (record !== undefined && !service.handled.has(record.id))
          broken.push(`11: ${name} has passed a record of ${partition} without handling it`)
      }
    }
  }
  return broken
}
