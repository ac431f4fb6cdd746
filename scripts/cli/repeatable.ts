import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'

/** A call that changes something failed in a way that does not tell whether it did. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
  override readonly cause: RemoteError
  /** The command's: repeated with it, all of its calls have their effect once. */
  readonly requestId: string

  constructor(cause: RemoteError, requestId: string) {
    super(cause.message, { cause })
    this.cause = cause
    this.requestId = requestId
  }
}

/**
 * Makes a call that changes something.
 *
 * @param requestId - the command's
 * @throws OutcomeUnknown if no answer came, or one that leaves open what was done; RemoteError if it was refused
 */
export async function repeatable<Answer>(requestId: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    throw error instanceof RemoteError && isOpen(error) ? new OutcomeUnknown(error, requestId) : error
  }
}

function isOpen({ code, reason }: RemoteError): boolean {
  return openReasons.includes(reason) && openCodes.includes(code)
}

/** Empty: what failed was the way, or the time was over. Any other is the service's refusal. */
const openReasons: readonly string[] = ['', 'NOT_READY', 'INTERNAL']
const openCodes: readonly number[] = [
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.CANCELLED,
  Code.INTERNAL,
  Code.UNKNOWN,
]
