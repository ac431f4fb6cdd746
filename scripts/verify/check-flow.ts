import { type Books, byService } from './books.ts'
import { lagsBehind } from './consumer-lag.ts'
import { type InvariantResult, judge, skip } from './invariant.ts'

const paymentsFinal = {
  id: 'payments-final',
  invariant: 'Every accepted payment reaches a final state in time',
}
const nothingLeftBehind = {
  id: 'nothing-left-behind',
  invariant: 'Outboxes are empty, nothing is parked, everything is read',
}
const historyIsAPath = {
  id: 'history-is-a-path',
  invariant: 'Each history is a path of the state machine without a gap',
}
const oneEffect = { id: 'one-request-one-effect', invariant: 'One request id has one effect' }

/** More than a full load writes in the 15 s between two moves of the slots, and far less than a stuck slot retains. */
const retainedBytesMax = 256 * 1024 * 1024

/** Invariant 3 of docs/invariants.md: at rest no payment is open; under traffic none is open for much too long. */
export function checkPaymentsFinal({ after }: Books, notAtRest: string | undefined): InvariantResult {
  const open = [...after.payments.values()].filter((payment) => !payment.final)
  const details = `${after.payments.size} payments, ${open.length} under way`
  if (notAtRest !== undefined) return judge(paymentsFinal, details, after.overdue)
  const faults = open.map(({ paymentId, status }) => `payment ${paymentId} is ${status}, and not final`)
  return judge(paymentsFinal, details, faults)
}

/**
 * 4. Dead letters and parked keys are reported, but are no fault: if they block a payment, that payment is reported as
 * not final.
 */
export function checkNothingLeftBehind(books: Books, notAtRest: string | undefined): InvariantResult {
  const { after, point, reservation, ends } = books
  const desks = byService({ payment: after, point, reservation })
  const parked = desks.flatMap(([name, { messaging }]) =>
    [...messaging.parked, ...messaging.parkedKeyFaults].map((text) => `${name}: ${text}`),
  )
  if (notAtRest !== undefined) {
    return parked.length > 0
      ? judge(nothingLeftBehind, 'parked messages and keys', parked)
      : skip(nothingLeftBehind, notAtRest)
  }
  const faults = desks.flatMap(([name, { messaging }]) => [
    ...(messaging.outboxRows === 0
      ? []
      : [
          `${name}: ${messaging.outboxRows} messages in the outbox, the oldest for ${messaging.oldestOutboxAgeMs} ms`,
        ]),
    ...messaging.slots.flatMap((slot) => {
      if (slot.lost) return [`${name}: slot ${slot.name} has lost its log`]
      if (slot.retainedBytes <= retainedBytesMax) return []
      return [`${name}: slot ${slot.name} retains ${megabytes(slot.retainedBytes)} of write-ahead log`]
    }),
    ...(ends ? lagsBehind(name, messaging.positions, ends) : []),
  ])
  return judge(nothingLeftBehind, flowDetails(books), [...parked, ...faults])
}

/** 6. */
export function checkHistory({ after }: Books): InvariantResult {
  const details = `${after.payments.size} payments, ${after.transitions} transitions`
  return judge(historyIsAPath, details, after.historyFaults)
}

/** 7. */
export function checkOneEffect({ after, point, reservation }: Books): InvariantResult {
  const faults = [...after.requestFaults, ...point.requestFaults, ...reservation.requestFaults]
  return judge(oneEffect, 'charges, holds, payments', faults)
}

function flowDetails({ after, point, reservation, ends }: Books): string {
  const desks = byService({ payment: after, point, reservation })
  const slots = desks.flatMap(([, { messaging }]) => messaging.slots)
  const retained = Math.max(0, ...slots.map((slot) => slot.retainedBytes))
  const keys = desks.reduce((total, [, { messaging }]) => total + messaging.parkedKeys.length, 0)
  const letters = desks.reduce((total, [, { messaging }]) => total + messaging.deadLetters.length, 0)
  return [
    `${megabytes(retained)} WAL retained`,
    `${letters} dead letters`,
    `${keys} parked keys`,
    ...(ends ? [] : ['lag not read: no brokers given']),
  ].join(', ')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
