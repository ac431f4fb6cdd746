/** The errors by which Kafka refuses a record for ever, not only for now. */
const refusals: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
])

/**
 * The errors that concern a whole topic. They pass once the topic is created, or the right to write to it is granted.
 */
const topicRefusals: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'TOPIC_AUTHORIZATION_FAILED',
])

/** Kafka's name of an error that sending the same record again cannot help, or undefined. */
export function refusalOf(error: unknown): string | undefined {
  return typeAmong(refusals, error)
}

/** Kafka's name of an error by which it accepts nothing for a topic, perhaps only for a moment, or undefined. */
export function topicRefusalOf(error: unknown): string | undefined {
  return typeAmong(topicRefusals, error)
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

function typeAmong(types: ReadonlySet<string>, error: unknown): string | undefined {
  const type = kafkaErrorType(error)
  return type !== undefined && types.has(type) ? type : undefined
}
