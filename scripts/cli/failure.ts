/** What a person is told when a command did not succeed: what happened and why, and what to do next. */
export class Failure extends Error {
  override readonly name = 'Failure'
  /** ErrorInfo's reason, or one of ours; for programs. */
  readonly reason: string
  /** Each a line: a command to type, or advice. */
  readonly next: readonly string[]

  constructor(
    reason: string,
    message: string,
    { next = [], cause }: { readonly next?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.next = next
  }
}
