import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'

/** A call that changes something failed in a way that leaves open whether it had its effect. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
  override readonly cause: RemoteError
  /** The request id of the command: if it is repeated with this id, all its calls take effect once. */
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
 * @param requestId - that of the command
 * @throws OutcomeUnknown if no answer came, or one that leaves the outcome open; RemoteError if it was refused
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

/** Reasons that leave the outcome open; empty means a failed connection or a deadline. Other reasons are refusals. */
const openReasons: readonly string[] = ['', 'NOT_READY', 'INTERNAL']
const openCodes: readonly number[] = [
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.CANCELLED,
  Code.INTERNAL,
  Code.UNKNOWN,
]
