import type { Sql } from '../sql/sql.ts'
import type { Codec } from './codec.ts'
import type { OutboxMessage } from './outbox-message.ts'
import type { ReceivedMessage } from './received-message.ts'

/** What a service does with the messages that its consumer reads. `Tx` is a transaction of its database. */
export interface MessageHandler<Tx extends Sql = Sql, Message extends ReceivedMessage = ReceivedMessage> {
  readonly topics: readonly string[]
  /** Turns the records of these topics into messages. */
  readonly codec: Codec<Message>
  /**
   * Types with which the handler does nothing. The consumer checks their messages like any others, but it does not
   * pass them to `handle`, keeps no ids of them, and opens no transaction for them alone. Only a redrive passes one
   * that was put aside to `handle`.
   */
  readonly passedOver?: readonly string[]
  /**
   * Applies messages in order, in the transaction of `tx`, and returns the messages that they lead to.
   *
   * The consumer has dropped repeats; it appends the returned messages to the outbox, moves its positions and commits.
   * A refusal is a returned message, never an exception. An exception rolls the batch back. If it is not transient,
   * the messages are then tried alone, and the one that throws is put aside as a dead letter. For a message that
   * contradicts what is recorded, throw a {@link ContradictsRecordError}.
   */
  handle(tx: Tx, messages: readonly Message[]): Promise<Handled>
  /** How a message that an operator discards is recorded; absent where no message carries money or seats. */
  readonly discarding?: Discarding<Tx, Message>
}

export interface Handled {
  readonly outbox: readonly OutboxMessage[]
  /** Called once after the commit, never if it fails; must not throw. */
  readonly afterCommit?: () => void
}

/** What an operator states about a message that is discarded: it was refused, or it was done. */
export type DiscardOutcome = 'REFUSED' | 'DONE'

/** What a service does when an operator discards a message that carries money or seats. */
export interface Discarding<Tx extends Sql = Sql, Message extends ReceivedMessage = ReceivedMessage> {
  /** The types that carry money or seats: an operator who discards one states its outcome. */
  readonly types: readonly string[]
  /**
   * Records the outcome in the transaction of `tx`, and returns the messages that it leads to, as `handle` does.
   *
   * @throws OutcomeContradictedError if the outcome contradicts what is recorded; nothing may be changed then
   */
  discard(tx: Tx, message: Message, outcome: DiscardOutcome): Promise<Handled>
}

/** A message contradicts what the service has recorded of the same thing; it may change nothing. */
export class ContradictsRecordError extends Error {
  override readonly name = 'ContradictsRecordError'
  readonly code = 'CONTRADICTS_RECORD'
}

/** An operator can close what is open, but not state that money or seats moved which the service has not moved. */
export class OutcomeContradictedError extends Error {
  override readonly name = 'OutcomeContradictedError'
  readonly code = 'OUTCOME_CONTRADICTED'
}
