import {
  type Facts,
  type FailureReason,
  isFinal,
  type Payment,
  type PointsRefusal,
  type SeatsRefusal,
  type Status,
  statusOf,
} from './payment.ts'

/** Everything that can happen to a payment after it was accepted. */
export type SagaMessage =
  | { readonly type: 'POINTS_TAKEN' }
  | { readonly type: 'POINTS_REFUSED'; readonly reason: PointsRefusal }
  | { readonly type: 'SEATS_SOLD' }
  | { readonly type: 'SEATS_REFUSED'; readonly reason: SeatsRefusal }
  | { readonly type: 'POINTS_REFUNDED'; readonly amount: bigint }
  | { readonly type: 'CANCEL_REQUESTED' }
  | { readonly type: 'DEADLINE_PASSED' }
  | { readonly type: 'ANSWER_MISSING' }

/** The commands that payment sends to the other services. */
export type Command = 'USE_POINTS' | 'CONFIRM_SEATS' | 'REFUND_POINTS'

/** The event that publishes a transition. SETTLED: more became known of a payment that had failed before. */
export type TransitionEvent = Status | 'SETTLED'

export type Decision =
  /** The facts changed: one sequenced transition, its event, and perhaps a command. */
  | {
      readonly type: 'CHANGED'
      readonly payment: Payment
      readonly event: TransitionEvent
      readonly command: Command | undefined
    }
  /** The open question is sent again. */
  | { readonly type: 'ASKED_AGAIN'; readonly payment: Payment; readonly command: Command }
  /** The message is known already, or overtaken: there is nothing to do. */
  | { readonly type: 'UNCHANGED'; readonly payment: Payment }
  /** Possible only if a service broke its promise: money or seats would not add up. An operator must look. */
  | { readonly type: 'CONTRADICTION'; readonly payment: Payment; readonly why: string }

/**
 * Decides what a message means for a payment. Every pair of state and message has a defined result, and an answer that
 * comes in an unexpected order is never lost. The whole table is in saga.test.ts.
 */
export function decide(payment: Payment, message: SagaMessage, now: Date): Decision {
  switch (message.type) {
    case 'POINTS_TAKEN':
      return pointsTaken(payment, now)
    case 'POINTS_REFUSED':
      return pointsRefused(payment, message.reason, now)
    case 'SEATS_SOLD':
      return seatsSold(payment, now)
    case 'SEATS_REFUSED':
      return seatsRefused(payment, message.reason, now)
    case 'POINTS_REFUNDED':
      return pointsRefunded(payment, message.amount, now)
    case 'CANCEL_REQUESTED':
      return giveUp(payment, 'CANCELLED', now)
    case 'DEADLINE_PASSED':
      return giveUp(payment, 'TIMED_OUT', now)
    case 'ANSWER_MISSING':
      return askAgain(payment)
  }
}

/** The command whose answer the payment waits for; undefined once it is final. */
export function openQuestion(payment: Payment): Command | undefined {
  if (isFinal(payment)) return undefined
  if (payment.refund === 'PENDING') return 'REFUND_POINTS'
  return payment.points === 'TAKEN' ? 'CONFIRM_SEATS' : 'USE_POINTS'
}

function pointsTaken(payment: Payment, now: Date): Decision {
  if (payment.points === 'TAKEN') return unchanged(payment)
  if (payment.points === 'REFUSED') return contradiction(payment, 'points were taken after they were refused')
  const command = payment.seats === 'UNKNOWN' && payment.refund === 'NONE' ? 'CONFIRM_SEATS' : undefined
  return changed(payment, { points: 'TAKEN' }, now, { command })
}

function pointsRefused(payment: Payment, reason: PointsRefusal, now: Date): Decision {
  if (payment.points === 'REFUSED') return unchanged(payment)
  if (payment.points === 'TAKEN') return contradiction(payment, 'points were refused after they were taken')
  if (payment.seats === 'SOLD') return contradiction(payment, 'points were refused though the seats are sold')
  return changed(payment, { points: 'REFUSED' }, now, { reason })
}

function seatsSold(payment: Payment, now: Date): Decision {
  if (payment.seats === 'SOLD') return unchanged(payment)
  if (statusOf(payment) === 'FAILED')
    return contradiction(payment, 'seats were sold to a payment that had failed')
  return changed(payment, { seats: 'SOLD' }, now)
}

function seatsRefused(payment: Payment, reason: SeatsRefusal, now: Date): Decision {
  if (payment.seats === 'SOLD') return contradiction(payment, 'seats were refused after they were sold')
  if (payment.seats === 'REFUSED' || payment.refund !== 'NONE') return unchanged(payment)
  if (payment.points === 'REFUSED')
    return contradiction(payment, 'seats were refused though no points were taken')
  // The answer to the refund reports whether points were taken, if that is not known yet.
  return changed(payment, { seats: 'REFUSED', refund: 'PENDING' }, now, {
    reason,
    command: 'REFUND_POINTS',
  })
}

function pointsRefunded(payment: Payment, amount: bigint, now: Date): Decision {
  if (payment.refund === 'DONE') return unchanged(payment)
  if (payment.refund === 'NONE')
    return contradiction(payment, 'points were refunded though no refund was requested')
  const points = amount > 0n ? 'TAKEN' : 'REFUSED'
  if (payment.points !== 'UNKNOWN' && payment.points !== points) {
    return contradiction(payment, `${amount} points were refunded, but the points were ${payment.points}`)
  }
  return changed(payment, { points, refund: 'DONE' }, now)
}

function giveUp(payment: Payment, reason: 'CANCELLED' | 'TIMED_OUT', now: Date): Decision {
  if (statusOf(payment) !== 'PENDING') return unchanged(payment)
  return changed(payment, { refund: 'PENDING' }, now, { reason, command: 'REFUND_POINTS' })
}

function askAgain(payment: Payment): Decision {
  const command = openQuestion(payment)
  if (command === undefined) return unchanged(payment)
  return { type: 'ASKED_AGAIN', payment: { ...payment, attempt: payment.attempt + 1 }, command }
}

function changed(
  payment: Payment,
  facts: Partial<Facts>,
  now: Date,
  more: { reason?: FailureReason; command?: Command | undefined } = {},
): Decision {
  const next: Payment = {
    ...payment,
    ...facts,
    failureReason: payment.failureReason ?? more.reason ?? null,
    sequence: payment.sequence + 1,
    // A clock may jump back, but a payment's transitions must not.
    updatedAt: now > payment.updatedAt ? now : payment.updatedAt,
  }
  const status = statusOf(next)
  const event = status === statusOf(payment) ? 'SETTLED' : status
  return { type: 'CHANGED', payment: next, event, command: more.command }
}

function unchanged(payment: Payment): Decision {
  return { type: 'UNCHANGED', payment }
}

function contradiction(payment: Payment, why: string): Decision {
  return { type: 'CONTRADICTION', payment, why }
}
