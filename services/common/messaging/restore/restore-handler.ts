import type { BodyCodec } from '../message/codec.ts'
import type { ReceivedMessage } from '../message/received-message.ts'
import type { Sql } from '../sql/sql.ts'

/** A message that the service has published: others have acted on it, so it must hold. */
export interface Fact {
  /** `ce_type`; narrow `body` by comparing it. */
  readonly type: string
  readonly body: unknown
  /** `ce_time` */
  readonly time: Date
  /** W3C trace context that it was published with. */
  readonly traceparent: string | undefined
}

/** The part of a service that writes what it has published back into its database. */
export interface RestoreHandler<Tx extends Sql = Sql> {
  /** The topics that the service publishes its facts to. */
  readonly topics: readonly string[]
  /** Decodes the records in these topics. */
  readonly codec: BodyCodec
  /**
   * The name of the line that a message belongs to. The facts of one line are applied in one transaction, in the
   * order of their times; lines are applied in the order of their names.
   */
  lineOf(message: ReceivedMessage): string
  /**
   * Applies all facts of some lines in the transaction that `tx` is in. No other process works in the database. What
   * the database knows already stays as it is, so that applying everything again changes nothing.
   */
  apply(tx: Tx, facts: readonly Fact[]): Promise<Applied>
}

export interface Applied {
  /** The number of facts that the database did not know. */
  readonly applied: number
  /** Facts that contradict what the database has decided since it came back, each in a sentence. */
  readonly contradictions: readonly string[]
}
