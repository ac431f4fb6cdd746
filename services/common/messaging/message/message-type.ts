/** A type of message: what its records say beside their bytes, and its encoding. Senders derive it, and readers hold records to it. */
export interface MessageType<Body = unknown> {
  /** The topic that it is sent to; another topic's records of this type are not believed. */
  readonly topic: string
  /** The service that owns the type, as in `shop/orders`: `ce_source`. */
  readonly source: string
  /** The record's key, by which Kafka and the consumers keep an order. */
  keyOf(body: Body): string
  /** What the message is about, by the body: `ce_subject`. */
  subjectOf(body: Body): string
  /**
   * What the id is derived from, beside the type; undefined where the sender says it, as it is without this.
   *
   * @param causationId - the id of the message that led to this one: `ce_causationid`
   */
  causeOf?(body: Body, causationId: string | undefined): string | undefined
  /** The body as its readers will have it, where that differs: key, subject and cause are made of this. @throws if it is not valid */
  asRead?(body: Body): Body
  encode(body: Body): Uint8Array
  /** Reads and checks a body. @throws PoisonError UNDECODABLE or RULE_VIOLATED; anything else counts as UNDECODABLE */
  decode(value: Buffer): Body
  /** The body as JSON, where that is more than `JSON.stringify`. */
  toJson?(body: Body): string
}
