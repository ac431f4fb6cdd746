import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import type { AuthFiles } from '../../scripts/platform/auth.ts'
import type { ServiceName } from '../../scripts/platform/databases.ts'
import type { Tally } from './tally.ts'

/** Something that a caller or a writer does to the system, over the wire, with no more than such a person has. */
export interface Attack {
  /** As the command line and the table name it. */
  readonly name: string
  /** What is tried, for the table. */
  readonly tries: string
  /**
   * Goes on until `over` is aborted, or until it has tried everything once. It counts each answer, and says of what it
   * achieved that it got through. Requests in flight and loops are bounded.
   */
  run(target: Target, tally: Tally, over: AbortSignal): Promise<void>
}

/** A system as its attackers see it, and the secrets that they may hold. Plain data: it goes to another process. */
export interface Target {
  /** One replica of each service, `host:port`. */
  readonly services: Readonly<Record<ServiceName, string>>
  /** The console's address; absent where there is none. */
  readonly page?: string | undefined
  /** The CA of every server; plain text without it. */
  readonly caFile?: string | undefined
  /** Signs the tokens of users who have signed in, and of nobody else. */
  readonly auth: Omit<AuthFiles, 'jwksFile'>
  /** How each service's relay comes into Kafka: what a stolen password opens. */
  readonly relays: Readonly<Record<ServiceName, KafkaAddress>>
}
