import {
  FailureReasonSchema,
  type Payment,
  PaymentStatus,
  type PaymentTransition,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { Argument } from 'commander'
import { uuid } from '../../arguments.ts'
import { enumName } from '../../enum-name.ts'
import type { Output } from '../../output.ts'
import { msBetween, reasonText, refundText, statusText, stepText } from '../../saga-words.ts'
import { pairs, table } from '../../table.ts'
import { pointsText, timeText } from '../../text.ts'

/** The argument with the payment of a command. */
export function paymentArgument(): Argument {
  return new Argument('<payment>', 'its id').argParser(uuid)
}

/** A payment with its history, each step with the milliseconds since the previous one. */
export function paymentText(payment: Payment, output: Output): string {
  const { transitions } = payment
  const rows: [string, string][] = [
    ['payment', payment.paymentId],
    ['status', `${statusText(payment.status, output.paint)}${payment.final ? '' : ', under way'}`],
    ['amount', pointsText(payment.amount)],
    ['reservation', payment.reservationId],
    ['accepted', timeText(payment.createTime)],
  ]
  if (payment.status === PaymentStatus.FAILED) {
    rows.push([
      'why',
      `${reasonText(payment.failureReason)} (${enumName(FailureReasonSchema, payment.failureReason)})`,
    ])
    rows.push(['points', refundText(payment)])
  }
  const history = table(
    transitions.map((step, index) => ({ step, before: transitions[index - 1] })),
    [
      { title: '#', value: ({ step }) => String(step.sequence), right: true },
      { title: 'AFTER', value: ({ step, before }) => `${msBetween(before, step)} ms`, right: true },
      { title: 'STATUS', value: ({ step }) => statusText(step.status, output.paint) },
      { title: 'STEP', value: ({ step }) => stepText(step, payment) },
    ],
    (titles) => output.paint('dim', titles),
  )
  return `${pairs(rows)}\n\n${history}`
}

/** One step of a payment on a line of its own. */
export function stepLine(step: PaymentTransition, payment: Payment, output: Output): string {
  const status = statusText(step.status, output.paint)
  return `${String(step.sequence).padStart(3)}  ${timeText(step.time)}  ${status}  ${stepText(step, payment)}`
}
