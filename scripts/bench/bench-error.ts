/** The reason why there is nothing to report. Its message is shown to the user, without a stack trace. */
export class BenchError extends Error {
  override readonly name = 'BenchError'
}
