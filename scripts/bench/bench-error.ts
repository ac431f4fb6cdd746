/** Why there is nothing to report. Its message is for the reader; no stack trace is shown. */
export class BenchError extends Error {
  override readonly name = 'BenchError'
}
