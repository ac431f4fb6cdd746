/** The errors with which Kafka says "never" about a record, and not "not now". */
const refusals: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
])

/** Kafka's name of the error if sending the same again cannot help, or undefined. */
export function refusalOf(error: unknown): string | undefined {
  const type = kafkaErrorType(error)
  return type !== undefined && refusals.has(type) ? type : undefined
}

/** Kafka's name of an error, however deep KafkaJS has wrapped it. */
export function kafkaErrorType(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    // KafkaJS 2.2.4 does not know INVALID_RECORD by name.
    if ('code' in cause && cause.code === 87) return 'INVALID_RECORD'
    if ('type' in cause && typeof cause.type === 'string') return cause.type
  }
  return undefined
}
