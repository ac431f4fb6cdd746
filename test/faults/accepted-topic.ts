import type { ServiceName } from '../../scripts/verify/consumer-lag.ts'

/** A topic that was created again, as its consumer stood just before it was accepted. */
export interface AcceptedTopic {
  readonly consumer: ServiceName
  readonly topicId: string
  /** What the consumer had read by then. */
  readonly inbox: ReadonlySet<string>
}
