import type { SagaStep } from '@boxoffice/saga'
import type { Claim } from '../domain/claim.ts'
import type { SagaMessage } from '../domain/saga.ts'
import type { Cause } from './outgoing.ts'

/** Something that happened to a payment. The saga's id is the payment's. */
export interface PaymentStep extends SagaStep {
  readonly message: SagaMessage
  /** The content of an answer that must agree with its payment. */
  readonly claim?: Claim
  /** The consumed message. A step that a user or a timer starts has only a trace. */
  readonly cause: Omit<Cause, 'cause'> & { readonly cause?: string }
}

/** What an answer means for its payment, and the claim to compare with the payment. */
export type Answer = Pick<PaymentStep, 'message' | 'claim'>
