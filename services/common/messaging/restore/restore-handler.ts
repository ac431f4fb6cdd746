import type { BodyCodec } from '../message/codec.ts'
import type { ReceivedMessage } from '../message/received-message.ts'
import type { Sql } from '../sql/sql.ts'

/** Something that the service has published: others have acted on it, so it is so. */
export interface Fact {
  /** `ce_type`; narrow `body` by comparing it. */
  readonly type: string
  readonly body: unknown
  /** `ce_time` */
  readonly time: Date
  /** W3C trace context that it was published with. */
  readonly traceparent: string | undefined
}

/** How a service takes what it has published back into its database. */
export interface RestoreHandler<Tx extends Sql = Sql> {
  /** The service's own output, in which its facts stand. */
  readonly topics: readonly string[]
  /** Makes messages of the records there. */
  readonly codec: BodyCodec
  /**
   * What a message's fact has to be applied together with: facts of one line are applied in one transaction, in the order
   * of their times, and lines in the order of their names.
   */
  lineOf(message: ReceivedMessage): string
  /**
   * Applies all facts of some lines in the transaction that `tx` is in. Nobody else works in the database. What it knows
   * already stays as it is, so that applying everything again changes nothing.
   */
  apply(tx: Tx, facts: readonly Fact[]): Promise<Applied>
}

export interface Applied {
  /** How many of the facts the database did not know. */
  readonly applied: number
  /** Facts that contradict what the database has decided since it came back, each in a sentence. */
  readonly contradictions: readonly string[]
}
