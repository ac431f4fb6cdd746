import type { SagaStep } from '@boxoffice/saga'
import type { Claim } from '../domain/claim.ts'
import type { SagaMessage } from '../domain/saga.ts'
import type { Cause } from './outgoing.ts'

/** Something that happened to a payment, whose id is the saga's. */
export interface PaymentStep extends SagaStep {
  readonly message: SagaMessage
  /** What an answer says of its payment. */
  readonly claim?: Claim
  /** The consumed message; for what a user or a timer starts, only its trace. */
  readonly cause: Omit<Cause, 'cause'> & { readonly cause?: string }
}

/** What an answer means for its payment, and what it says of it. */
export type Answer = Pick<PaymentStep, 'message' | 'claim'>
