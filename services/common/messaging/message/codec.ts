import type { ConsumedRecord } from '@boxoffice/kafka'
import type { ReceivedMessage } from './received-message.ts'

/**
 * Makes messages of records. `createJsonCodec` makes one for JSON, `createCodec` one for any other encoding of CloudEvents, and an
 * object with these two members is one for whatever else is in the topics.
 */
export interface Codec<Message extends ReceivedMessage = ReceivedMessage> {
  /** The name of every type that may be in the topics, also of those that the handler only passes over. */
  readonly types: readonly string[]
  /**
   * Reads a record. What it throws puts the record aside: a PoisonError for its reason, anything else as UNDECODABLE. So does a
   * result that is no message, such as one without an id.
   */
  decode(record: ConsumedRecord): Message
  /** A body as JSON, for an operator to read; empty where JSON cannot say it. */
  toJson?(message: Pick<ReceivedMessage, 'type' | 'body'>): string
}

/** A codec that also reads the body of a message alone, as a restore needs it. */
export interface BodyCodec<Message extends ReceivedMessage = ReceivedMessage> extends Codec<Message> {
  /** Reads the value of a record that was a message of a type before. @throws PoisonError */
  decodeBody(type: string, value: Uint8Array): unknown
}
