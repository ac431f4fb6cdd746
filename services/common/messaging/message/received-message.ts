/** A consumed message: decoded, valid by the rules of its type, and new to this consumer. */
export interface ReceivedMessage<Body = unknown, Type extends string = string> {
  /** `ce_id` */
  readonly id: string
  /** `ce_type`; narrow `body` by comparing it. */
  readonly type: Type
  readonly body: Body
  /** `ce_subject` */
  readonly subject: string
  /** `ce_time` */
  readonly time: Date
  readonly key: string | null
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** The time at which its broker appended it, in milliseconds since 1970; absent if it was put aside. */
  readonly appendedAtMs?: number | undefined
  /** W3C trace context, for the messages that the handler sends. */
  readonly traceparent: string | undefined
}
