import type { DescMessage } from '@bufbuild/protobuf'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Handled, ReceivedMessage } from './message-handler.ts'

/** What an operator says became of a message that is given up. */
export type DiscardOutcome = 'REFUSED' | 'DONE'

/** What a service does when a message that carries money or seats is given up. */
export interface Discarding {
  /** The types on which money or seats hang: who discards one says what to record of it. */
  readonly schemas: readonly DescMessage[]
  /**
   * Records the outcome in the transaction that `em` is in, and returns what it leads to, as the handler would have done.
   *
   * @throws OutcomeContradictedError if that is not what is on record; nothing is to be changed then
   */
  discard(em: EntityManager, message: ReceivedMessage, outcome: DiscardOutcome): Promise<Handled>
}

/** An operator can close what is open, but not say that money or seats have moved which the service has not moved. */
export class OutcomeContradictedError extends Error {
  override readonly name = 'OutcomeContradictedError'
  readonly code = 'OUTCOME_CONTRADICTED'
  readonly retriable = false
}
