/** The reason of a failure of Kafka, in the words of its innermost cause: KafkaJS wraps errors and repeats itself. */
export function failureText(error: unknown): string {
  let text = ''
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    text = wordsOf(cause) || text
    const [first] = listedErrors(cause)
    if (first instanceof Error) text = wordsOf(first) || text
  }
  return text || String(error)
}

/** If both addresses of a host refuse, the error has no message, only a code. */
function wordsOf(error: Error): string {
  const [line = ''] = error.message.replace(/^Connection error:\s*/, '').split('\n')
  return line || ('code' in error && typeof error.code === 'string' ? error.code : '')
}

/** The errors of an aggregate, including KafkaJS's own aggregate, which is no AggregateError. */
function listedErrors(error: Error): readonly unknown[] {
  return 'errors' in error && Array.isArray(error.errors) ? error.errors : []
}
