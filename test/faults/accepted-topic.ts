import type { ServiceName } from '../../scripts/verify/consumer-lag.ts'

/** A topic that was created again, and the state of its consumer just before the topic was accepted. */
export interface AcceptedTopic {
  readonly consumer: ServiceName
  readonly topicId: string
  /** The ids of the messages that the consumer had read by then. */
  readonly inbox: ReadonlySet<string>
}
