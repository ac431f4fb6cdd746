import type { ConsumedRecord } from '@boxoffice/kafka'
import type { ReceivedMessage } from './received-message.ts'

/**
 * Turns records into messages. `createJsonCodec` makes a codec for JSON, and `createCodec` makes one for any other
 * encoding of CloudEvents. For anything else in the topics, write an object with these two members.
 */
export interface Codec<Message extends ReceivedMessage = ReceivedMessage> {
  /** The names of all types that may be in the topics, including those that the handler only passes over. */
  readonly types: readonly string[]
  /**
   * Reads a record. What it throws puts the record aside: a PoisonError for its reason, anything else as UNDECODABLE.
   * A result that is no message, such as one without an id, puts the record aside as UNDECODABLE too.
   */
  decode(record: ConsumedRecord): Message
  /** A body as JSON, for an operator to read; empty where JSON cannot represent it. */
  toJson?(message: Pick<ReceivedMessage, 'type' | 'body'>): string
}

/** A codec that also reads the body of a message alone, as a restore needs it. */
export interface BodyCodec<Message extends ReceivedMessage = ReceivedMessage> extends Codec<Message> {
  /** Reads the value of a record that was once a message of this type. @throws PoisonError */
  decodeBody(type: string, value: Uint8Array): unknown
}
