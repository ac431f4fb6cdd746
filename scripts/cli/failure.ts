/** The failure of a command, as users see it: what happened and why, and what to do next. */
export class Failure extends Error {
  override readonly name = 'Failure'
  /** The reason of ErrorInfo, or one of the command line; for programs. */
  readonly reason: string
  /** The next steps, a line each: a command to type, or advice. */
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
