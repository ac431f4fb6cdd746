import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'

/** Where the books of a system are. */
export interface Sources {
  /** Connection URLs. Reading is all that is done. */
  readonly paymentDb: string
  readonly pointDb: string
  readonly reservationDb: string
  /** Without Kafka, how far the consumers have read is not judged. */
  readonly kafka?: KafkaAddress
}

/** A database or the brokers cannot be read, so nothing can be said. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError'
  /** What was to be read: `the payment database at 127.0.0.1:5432`. */
  readonly source: string

  constructor(source: string, cause: unknown) {
    super(`${source} cannot be read: ${reasonOf(cause)}`, { cause })
    this.source = source
  }
}

/** Connecting to several addresses of one name fails with an error that has no message of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(reasonOf).join(', ')
  return cause instanceof Error ? cause.message : String(cause)
}
