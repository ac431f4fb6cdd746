import type { Sql } from '../sql/sql.ts'
import type { Codec } from './codec.ts'
import type { OutboxMessage } from './outbox-message.ts'
import type { ReceivedMessage } from './received-message.ts'

/** What a service does with the messages that its consumer reads; `Tx` is what its database hands to a transaction. */
export interface MessageHandler<Tx extends Sql = Sql, Message extends ReceivedMessage = ReceivedMessage> {
  readonly topics: readonly string[]
  /** Makes messages of the records in these topics. */
  readonly codec: Codec<Message>
  /**
   * Types with which the handler does nothing. The consumer checks their messages like any other, but does not hand them over, keeps no
   * id of them, and opens no transaction for them alone. Only one that was put aside is handed over, by a redrive.
   */
  readonly passedOver?: readonly string[]
  /**
   * Applies messages in their order, in the transaction that `tx` is in, and returns what they lead to.
   *
   * The consumer has dropped repeats; it appends the returned messages to the outbox, moves its positions and commits.
   * A refusal is a returned message, never an exception: an exception rolls the batch back, and if it is not a transient
   * one the messages are tried alone and the one that throws is put aside as a dead letter. A message that cannot be true of what
   * is on record is thrown out as a {@link ContradictsRecordError}.
   */
  handle(tx: Tx, messages: readonly Message[]): Promise<Handled>
  /** What becomes of a message that an operator gives up; absent where none carries money or seats. */
  readonly discarding?: Discarding<Tx, Message>
}

export interface Handled {
  readonly outbox: readonly OutboxMessage[]
  /** Called once after the commit, never if it fails; must not throw. */
  readonly afterCommit?: () => void
}

/** What an operator says became of a message that is given up. */
export type DiscardOutcome = 'REFUSED' | 'DONE'

/** What a service does when a message that carries money or seats is given up. */
export interface Discarding<Tx extends Sql = Sql, Message extends ReceivedMessage = ReceivedMessage> {
  /** The types on which money or seats hang: who discards one says what to record of it. */
  readonly types: readonly string[]
  /**
   * Records the outcome in the transaction that `tx` is in, and returns what it leads to, as the handler would have done.
   *
   * @throws OutcomeContradictedError if that is not what is on record; nothing is to be changed then
   */
  discard(tx: Tx, message: Message, outcome: DiscardOutcome): Promise<Handled>
}

/** A message that disagrees with what the service has on record of the same thing; nothing is to be changed by it. */
export class ContradictsRecordError extends Error {
  override readonly name = 'ContradictsRecordError'
  readonly code = 'CONTRADICTS_RECORD'
}

/** An operator can close what is open, but not say that money or seats have moved which the service has not moved. */
export class OutcomeContradictedError extends Error {
  override readonly name = 'OutcomeContradictedError'
  readonly code = 'OUTCOME_CONTRADICTED'
}
