import { ContradictsRecordError } from '@boxoffice/common/message/message-handler.ts'
import type { OutboxMessage } from '@boxoffice/common/message/outbox-message.ts'
import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { type Cause, commandMessage, startedBy, transitionMessage } from '../contract/outgoing.ts'
import type { SagaStep } from '../contract/saga-step.ts'
import { contradictionOf } from '../domain/claim.ts'
import type { Payment } from '../domain/payment.ts'
import type { PaymentSaga } from '../domain/payment-saga.ts'
import type { Decision } from '../domain/saga.ts'
import { lockPayments } from '../storage/lock-payments.ts'
import type { ScheduledPayment } from '../storage/payment-columns.ts'
import { savePayments } from '../storage/save-payments.ts'
import type { PaymentParts } from './payment-parts.ts'

/** What steps have led to. */
export interface Advance {
  /** One for each step, in their order. */
  readonly decisions: readonly Decision[]
  /** The payments that have a new transition, in their new state. */
  readonly changed: readonly Payment[]
  /** To be appended to the outbox in the same transaction. */
  readonly outbox: readonly OutboxMessage[]
}

/**
 * Takes payments through steps, in the order given, in the transaction that `em` is in: locks them, decides each step on
 * the state that the one before it left, and writes payments, transitions and when each payment is woken.
 *
 * The caller appends the outbox and notifies watchers after its commit; {@link advanceInTransaction} does both.
 *
 * @throws ContradictsRecordError if a payment is unknown or a step contradicts what is known of it: put aside for an operator
 */
export async function advancePayments(
  em: EntityManager,
  steps: readonly SagaStep[],
  saga: PaymentSaga,
): Promise<Advance> {
  const { payments, now } = await lockPayments(
    em,
    steps.map((step) => step.paymentId),
  )
  const touched = new Map<string, ScheduledPayment>()
  const decisions: Decision[] = []
  const transitions: Payment[] = []
  const outbox: OutboxMessage[] = []
  for (const step of steps) {
    const decision = decideStep(payments.get(step.paymentId), step, saga, now)
    decisions.push(decision)
    if (decision.type === 'UNCHANGED') continue
    const { payment, wakeups } = decision
    payments.set(payment.paymentId, payment)
    touched.set(payment.paymentId, { payment, wakeups })
    if (decision.type === 'CHANGED') transitions.push(payment)
    outbox.push(...messagesOf(decision, step))
  }
  await savePayments(em, [...touched.values()], transitions)
  const changedIds = new Set(transitions.map((payment) => payment.paymentId))
  const changed = [...touched.values()].map(({ payment }) => payment)
  return { decisions, changed: changed.filter(({ paymentId }) => changedIds.has(paymentId)), outbox }
}

/** Takes payments through steps in the transaction that `work` runs in; appends what that leads to, and notifies watchers. */
export async function advanceInTransaction<Result>(
  { database, saga, watchers }: PaymentParts,
  work: (em: EntityManager, advance: (steps: readonly SagaStep[]) => Promise<Advance>) => Promise<Result>,
): Promise<Result> {
  const changed: Payment[] = []
  const result = await database.transaction((em) =>
    work(em, async (steps) => {
      const advance = await advancePayments(em, steps, saga)
      await appendToOutbox(em, advance.outbox)
      changed.push(...advance.changed)
      return advance
    }),
  )
  watchers.publish(changed)
  return result
}

type Effective = Exclude<ReturnType<PaymentSaga['decide']>, { type: 'CONTRADICTION' }>

function decideStep(payment: Payment | undefined, step: SagaStep, saga: PaymentSaga, now: Date): Effective {
  if (payment === undefined) throw new ContradictsRecordError(`there is no payment ${step.paymentId}`)
  const why = step.claim && contradictionOf(payment, step.claim)
  if (why !== undefined) throw new ContradictsRecordError(`payment ${step.paymentId}: ${why}`)
  const decision = saga.decide(payment, step.message, now)
  if (decision.type === 'CONTRADICTION') {
    throw new ContradictsRecordError(`payment ${step.paymentId}: ${decision.why}`)
  }
  return decision
}

function messagesOf(decision: Exclude<Effective, { type: 'UNCHANGED' }>, step: SagaStep): OutboxMessage[] {
  const { payment, command } = decision
  const started = startedBy(payment, step.cause.traceparent)
  const cause: Cause = { ...started, ...step.cause }
  const messages = command === undefined ? [] : [commandMessage(payment, command, cause)]
  if (decision.type === 'CHANGED') messages.unshift(transitionMessage(payment, decision.event, cause))
  return messages
}
