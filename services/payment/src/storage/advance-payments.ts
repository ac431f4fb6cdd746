import { ContradictsRecordError } from '@boxoffice/common/message/message-handler.ts'
import type { OutboxMessage } from '@boxoffice/common/message/outbox-message.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { type Cause, commandMessage, startedBy, transitionMessage } from '../contract/outgoing.ts'
import { type Claim, contradictionOf } from '../domain/claim.ts'
import type { Patience } from '../domain/patience.ts'
import type { Payment } from '../domain/payment.ts'
import { type Decision, decide, type SagaMessage } from '../domain/saga.ts'
import { lockPayments } from './lock-payments.ts'
import { savePayments } from './save-payments.ts'

/** Something that happened to a payment. */
export interface Step {
  readonly paymentId: string
  readonly message: SagaMessage
  /** What an answer says of its payment. */
  readonly claim?: Claim
  /** The consumed message that told of it; for what a user or a timer starts, only its trace. */
  readonly cause: Omit<Cause, 'cause'> & { readonly cause?: string }
}

/** What an answer means for its payment, and what it says of it. */
export type Answer = Pick<Step, 'message' | 'claim'>

export interface Advanced {
  /** One for each step, in their order. */
  readonly decisions: readonly Decision[]
  /** The payments that have a new transition, as they stand now. */
  readonly changed: readonly Payment[]
  /** To be appended to the outbox in the same transaction. */
  readonly outbox: readonly OutboxMessage[]
}

/**
 * Takes payments through steps, in the order given, in the transaction that `em` is in: locks them, decides each step on
 * what the one before it left, and writes payments and transitions.
 *
 * @throws ContradictsRecordError if a payment is unknown or a step contradicts what is known of it: put aside for a person to look at
 */
export async function advancePayments(
  em: EntityManager,
  steps: readonly Step[],
  patience: Patience,
): Promise<Advanced> {
  const { payments, now } = await lockPayments(
    em,
    steps.map((step) => step.paymentId),
  )
  const touched = new Map<string, Payment>()
  const decisions: Decision[] = []
  const transitions: Payment[] = []
  const outbox: OutboxMessage[] = []
  for (const step of steps) {
    const decision = decideStep(payments.get(step.paymentId), step, now)
    decisions.push(decision)
    if (decision.type === 'UNCHANGED') continue
    const { payment } = decision
    payments.set(payment.paymentId, payment)
    touched.set(payment.paymentId, payment)
    if (decision.type === 'CHANGED') transitions.push(payment)
    outbox.push(...messagesOf(decision, step))
  }
  await savePayments(em, [...touched.values()], transitions, patience)
  const changedIds = new Set(transitions.map((payment) => payment.paymentId))
  return {
    decisions,
    changed: [...touched.values()].filter((payment) => changedIds.has(payment.paymentId)),
    outbox,
  }
}

type Effective = Exclude<Decision, { type: 'CONTRADICTION' }>

function decideStep(payment: Payment | undefined, step: Step, now: Date): Effective {
  if (payment === undefined) throw new ContradictsRecordError(`there is no payment ${step.paymentId}`)
  const why = step.claim && contradictionOf(payment, step.claim)
  if (why !== undefined) throw new ContradictsRecordError(`payment ${step.paymentId}: ${why}`)
  const decision = decide(payment, step.message, now)
  if (decision.type === 'CONTRADICTION') {
    throw new ContradictsRecordError(`payment ${step.paymentId}: ${decision.why}`)
  }
  return decision
}

function messagesOf(decision: Exclude<Effective, { type: 'UNCHANGED' }>, step: Step): OutboxMessage[] {
  const { payment, command } = decision
  const started = startedBy(payment, step.cause.traceparent)
  const cause: Cause = { ...started, ...step.cause }
  const messages = command === undefined ? [] : [commandMessage(payment, command, cause)]
  if (decision.type === 'CHANGED') messages.unshift(transitionMessage(payment, decision.event, cause))
  return messages
}
