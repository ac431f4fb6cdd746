import type { ConsumedRecord } from '@boxoffice/kafka'
import type { DescMessage, Message } from '@bufbuild/protobuf'
import type { Sql } from '../postgres/sql.ts'
import type { OutboxMessage } from './outbox-message.ts'

/** A consumed message: decoded, valid by its protovalidate rules, and new to this consumer. */
export interface ReceivedMessage {
  /** `ce_id` */
  readonly id: string
  /** `ce_type`, the protobuf full name; narrow `body` by comparing it or `schema`. */
  readonly type: string
  readonly schema: DescMessage
  readonly body: Message
  /** `ce_subject` */
  readonly subject: string
  /** `ce_time` */
  readonly time: Date
  readonly key: string | null
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** When its broker appended it, in milliseconds since 1970; absent of one that was put aside. */
  readonly appendedAtMs?: number | undefined
  /** W3C trace context, to be carried into what the handler sends. */
  readonly traceparent: string | undefined
}

/** What a service does with the messages that its consumer reads; `Tx` is what its database hands to a transaction. */
export interface MessageHandler<Tx extends Sql = Sql> {
  readonly topics: readonly string[]
  /** Every type that may stand in these topics, also those that the handler only passes over. */
  readonly schemas: readonly DescMessage[]
  /**
   * Makes a message of any record, for a handler that keeps everything and for which nothing is poison; repeats are told by
   * its id. Absent where a record is a message of `schemas` or else poison. Must not throw.
   */
  readonly read?: (record: ConsumedRecord) => ReceivedMessage
  /**
   * Applies messages in their order, in the transaction that `tx` is in, and returns what they lead to.
   *
   * The consumer has dropped repeats; it appends the returned messages to the outbox, moves its positions and commits.
   * A refusal is a returned message, never an exception: an exception rolls the batch back, and if it is not a transient
   * one the messages are tried alone and the one that throws is put aside as a dead letter. A message that cannot be true of what
   * is on record is thrown out as a {@link ContradictsRecordError}.
   */
  handle(tx: Tx, messages: readonly ReceivedMessage[]): Promise<Handled>
  /** What becomes of a message that an operator gives up; absent where none carries money or seats. */
  readonly discarding?: Discarding<Tx>
}

export interface Handled {
  readonly outbox: readonly OutboxMessage[]
  /** Called once after the commit, never if it fails; must not throw. */
  readonly afterCommit?: () => void
}

/** What an operator says became of a message that is given up. */
export type DiscardOutcome = 'REFUSED' | 'DONE'

/** What a service does when a message that carries money or seats is given up. */
export interface Discarding<Tx extends Sql = Sql> {
  /** The types on which money or seats hang: who discards one says what to record of it. */
  readonly schemas: readonly DescMessage[]
  /**
   * Records the outcome in the transaction that `tx` is in, and returns what it leads to, as the handler would have done.
   *
   * @throws OutcomeContradictedError if that is not what is on record; nothing is to be changed then
   */
  discard(tx: Tx, message: ReceivedMessage, outcome: DiscardOutcome): Promise<Handled>
}

/** A message that disagrees with what the service has on record of the same thing; nothing is to be changed by it. */
export class ContradictsRecordError extends Error {
  override readonly name = 'ContradictsRecordError'
  readonly code = 'CONTRADICTS_RECORD'
  readonly retriable = false
}

/** An operator can close what is open, but not say that money or seats have moved which the service has not moved. */
export class OutcomeContradictedError extends Error {
  override readonly name = 'OutcomeContradictedError'
  readonly code = 'OUTCOME_CONTRADICTED'
  readonly retriable = false
}
