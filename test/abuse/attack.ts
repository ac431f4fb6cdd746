import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import type { AuthFiles } from '../../scripts/platform/auth.ts'
import type { ServiceName } from '../../scripts/platform/databases.ts'
import type { Tally } from './tally.ts'

/** What a hostile caller or writer does to the system over the network, with no more than such a person has. */
export interface Attack {
  /** The name on the command line and in the table. */
  readonly name: string
  /** What is tried, for the table. */
  readonly tries: string
  /**
   * Runs until `over` is aborted, or until it has tried everything once. It counts each answer, and reports to `tally`
   * what it achieved. Requests in flight and loops are bounded.
   */
  run(target: Target, tally: Tally, over: AbortSignal): Promise<void>
}

/** A system as its attackers see it, and the secrets that they may have. Plain data: it is sent to another process. */
export interface Target {
  /** One replica of each service, `host:port`. */
  readonly services: Readonly<Record<ServiceName, string>>
  /** The console's address; absent if the system has no console. */
  readonly page?: string | undefined
  /** The CA of every server; connections are in plain text without it. */
  readonly caFile?: string | undefined
  /** Signs the tokens of users who have signed in. */
  readonly auth: Omit<AuthFiles, 'jwksFile'>
  /** Each service's Kafka address with its relay's password: what an attacker has who stole it. */
  readonly relays: Readonly<Record<ServiceName, KafkaAddress>>
}
