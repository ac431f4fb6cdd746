import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'

/** The databases and brokers of a system. */
export interface Sources {
  /** Connection URLs; the databases are only read. */
  readonly paymentDb: string
  readonly pointDb: string
  readonly reservationDb: string
  /** Without Kafka, the lag of the consumers is not judged. */
  readonly kafka?: KafkaAddress
}

/** A database or the brokers cannot be read, so that nothing can be judged. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError'
  /** The unreadable source, such as `the payment database at 127.0.0.1:5432`. */
  readonly source: string
  /** Whether it can be read again soon, without anybody's help. */
  readonly passes: boolean

  constructor(source: string, cause: unknown, passes = false) {
    super(`${source} cannot be read: ${reasonOf(cause)}`, { cause })
    this.source = source
    this.passes = passes
  }
}

/** Connecting to several addresses of one name fails with an error that has no message of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(reasonOf).join(', ')
  return cause instanceof Error ? cause.message : String(cause)
}
