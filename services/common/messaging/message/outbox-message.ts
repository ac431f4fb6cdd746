/**
 * A message on its way out, as one row of the outbox table.
 *
 * `headers` are exactly the Kafka headers of the record; the relay adds none. A value that is not text is written as
 * `{ base64 }`, and a repeated header as a list.
 */
export interface OutboxMessage {
  /** The `ce_id`: a UUID, derived from its cause (see message-id.ts). */
  readonly id: string
  readonly topic: string
  /** The partition key; a record with null goes to partition 0 of the topic. */
  readonly key: Uint8Array | null
  /** The `ce_type`: the protobuf full name. */
  readonly type: string
  /** The record's value; null is a tombstone, and only a dead letter can be one. */
  readonly payload: Uint8Array | null
  readonly headers: Readonly<Record<string, OutboxHeader | readonly OutboxHeader[]>>
}

export type OutboxHeader = string | { readonly base64: string }
