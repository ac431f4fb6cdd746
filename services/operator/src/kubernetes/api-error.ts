/** The API server refused a request: its Status as an error. */
export class ApiStatusError extends Error {
  override readonly name = 'ApiStatusError'
  /** The HTTP status. */
  readonly code: number
  /** Kubernetes' word for it: Conflict, NotFound, Invalid, Expired… */
  readonly reason: string
  /** How long the server asks to be left alone. */
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

/** Somebody else changed the resource meanwhile, or it is another one of the same name: look again. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiStatusError && error.code === 409
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiStatusError && error.code === 404
}

/** What the server kept of the past does not reach back to where the watch began: list anew. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiStatusError && error.code === 410
}
