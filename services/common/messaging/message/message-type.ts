/** A type of message: its encoding, and the metadata that senders derive from a body and readers check. */
export interface MessageType<Body = unknown> {
  /** The topic that it is sent to. A record of this type in another topic is poison. */
  readonly topic: string
  /** The service that owns the type, as in `shop/orders`: `ce_source`. */
  readonly source: string
  /** The ordering key: messages with the same key stay in order. */
  keyOf(body: Body): string
  /** What the message is about: `ce_subject`. */
  subjectOf(body: Body): string
  /**
   * The text from which the id is derived, with the type; if it is undefined or absent, the sender gives one.
   *
   * @param causationId - the id of the message that led to this one: `ce_causationid`
   */
  causeOf?(body: Body, causationId: string | undefined): string | undefined
  /** The body as readers get it, if that differs: it gives key, subject and cause. @throws if it is not valid */
  asRead?(body: Body): Body
  encode(body: Body): Uint8Array
  /** Reads and checks a body. @throws PoisonError UNDECODABLE or RULE_VIOLATED; anything else counts as UNDECODABLE */
  decode(value: Buffer): Body
  /** The body as JSON, where `JSON.stringify` is not enough. */
  toJson?(body: Body): string
}
