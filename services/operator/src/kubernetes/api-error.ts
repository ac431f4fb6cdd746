/** A request that the API server refused, with its Status. */
export class ApiStatusError extends Error {
  override readonly name = 'ApiStatusError'
  /** The HTTP status. */
  readonly code: number
  /** Kubernetes' name of the reason: Conflict, NotFound, Invalid, Expired… */
  readonly reason: string
  /** How long the server asks the client to wait. */
  readonly retryAfterMs: number | undefined

  constructor(refusal: {
    readonly code: number
    readonly reason?: string | undefined
    readonly message: string
    readonly retryAfterMs?: number | undefined
  }) {
    super(refusal.message)
    this.code = refusal.code
    this.reason = refusal.reason ?? ''
    this.retryAfterMs = refusal.retryAfterMs
  }
}

/** Another client has changed the resource since it was read, or replaced it: read it again. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiStatusError && error.code === 409
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiStatusError && error.code === 404
}

/** The server's history does not reach back to the watch's version: list again. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiStatusError && error.code === 410
}
