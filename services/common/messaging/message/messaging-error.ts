/** Why messaging refuses what an operator asks of it. The README says what each code means. */
export type MessagingCode =
  | 'CONSUMER_NOT_FOUND'
  | 'DEAD_LETTER_NOT_FOUND'
  | 'DEAD_LETTER_SETTLED'
  | 'FIELD_VIOLATION'
  | 'NOT_READY'
  | 'OUTCOME_CONTRADICTED'
  | 'OUTCOME_REQUIRED'
  | 'RECORDS_GONE'
  | 'REPLAY_FROM_FUTURE'
  | 'REPLAY_NOT_FOUND'
  | 'REPLAY_RUNNING'
  | 'RESTORE_FROM_FUTURE'
  | 'RESTORE_NOT_FOUND'
  | 'RESTORE_RUNNING'
  | 'TOPIC_NOT_RECREATED'

/** A refusal: a code to act on, and a message for the operator to read. A retry helps only for NOT_READY. */
export class MessagingError extends Error {
  override readonly name = 'MessagingError'
  readonly code: MessagingCode
  /** Values for a program, such as the id of the replay that is running. */
  readonly details: Readonly<Record<string, string>>

  constructor(
    code: MessagingCode,
    message: string,
    { details = {}, ...options }: ErrorOptions & { readonly details?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }
}
