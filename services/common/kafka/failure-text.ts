/** Why Kafka could not be used, in its innermost cause's words: KafkaJS wraps them, and repeats itself on the way. */
export function failureText(error: unknown): string {
  let text = ''
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    text = wordsOf(cause) || text
    const [first] = listedErrors(cause)
    if (first instanceof Error) text = wordsOf(first) || text
  }
  return text || String(error)
}

/** Two addresses that both refuse leave an error without a message. */
function wordsOf(error: Error): string {
  const [line = ''] = error.message.replace(/^Connection error:\s*/, '').split('\n')
  return line || ('code' in error && typeof error.code === 'string' ? error.code : '')
}

/** Of an aggregate, KafkaJS's own included, which is no AggregateError. */
function listedErrors(error: Error): readonly unknown[] {
  return 'errors' in error && Array.isArray(error.errors) ? error.errors : []
}
