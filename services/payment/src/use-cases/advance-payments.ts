import type { OutboxMessage } from '@boxoffice/messaging'
import { ContradictsRecordError } from '@boxoffice/messaging'
import { createSaga, type Decision } from '@boxoffice/saga'
import { type Cause, commandMessage, startedBy, transitionMessage } from '../contract/outgoing.ts'
import type { PaymentStep } from '../contract/payment-step.ts'
import { contradictionOf } from '../domain/claim.ts'
import type { Payment } from '../domain/payment.ts'
import type { PaymentDecider } from '../domain/payment-decider.ts'
import type { PaymentParts, PaymentWatchers } from './payment-parts.ts'

/**
 * Creates the payment saga on a store. A step whose payment is unknown, or which contradicts what is known of it,
 * throws ContradictsRecordError: the consumer then puts the message aside for an operator.
 */
export function createPaymentParts<Tx>({
  database,
  store,
  decider,
  watchers,
}: Omit<PaymentParts<Tx>, 'saga'> & { readonly watchers: PaymentWatchers }): PaymentParts<Tx> {
  const saga = createSaga({
    name: 'payment',
    decide: (payment: Payment, step: PaymentStep, now) => decideStep(payment, step, decider, now),
    store,
    transaction: (work) => database.transaction(work),
    append: store.append,
    notify: (changed) => watchers.publish(changed),
    contradiction: (why) => new ContradictsRecordError(why),
  })
  return { database, store, decider, saga }
}

function decideStep(
  payment: Payment,
  step: PaymentStep,
  decider: PaymentDecider,
  now: Date,
): Decision<Payment, OutboxMessage> {
  const why = step.claim && contradictionOf(payment, step.claim)
  if (why !== undefined) return { type: 'CONTRADICTION', state: payment, why }
  const decision = decider.decide(payment, step.message, now)
  const { payment: state, wakeups } = decision
  switch (decision.type) {
    case 'CHANGED':
    case 'ASKED_AGAIN':
      return { type: decision.type, state, outputs: messagesOf(decision, step), wakeups }
    case 'UNCHANGED':
      return { type: decision.type, state }
    case 'CONTRADICTION':
      return { type: decision.type, state, why: decision.why }
  }
}

type Effective = Extract<ReturnType<PaymentDecider['decide']>, { type: 'CHANGED' | 'ASKED_AGAIN' }>

function messagesOf(decision: Effective, step: PaymentStep): OutboxMessage[] {
  const { payment, command } = decision
  const started = startedBy(payment, step.cause.traceparent)
  const cause: Cause = { ...started, ...step.cause }
  const messages = command === undefined ? [] : [commandMessage(payment, command, cause)]
  if (decision.type === 'CHANGED') messages.unshift(transitionMessage(payment, decision.event, cause))
  return messages
}
