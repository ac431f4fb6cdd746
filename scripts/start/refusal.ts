/** A start that cannot be: its message is the one sentence that says why and what to do. No stack trace is shown. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}
