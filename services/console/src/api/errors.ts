import { ApiError, Code, codeName, RemoteError, toApiError } from '@boxoffice/common/status/errors.ts'
import { reportDefect } from '@boxoffice/common/telemetry/defects.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/** The body of the answer to a refused request. */
export interface ErrorAnswer {
  /** The gRPC code's name. */
  readonly code: string
  readonly reason: string
  readonly message: string
}

/**
 * The one place that turns errors into answers. An error that is not the caller's is logged, and answered without
 * details.
 */
export function answerError(log: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (isBadRequest(error)) {
      const status = error.statusCode ?? 400
      void reply.code(status).send(answer('INVALID_ARGUMENT', 'FIELD_VIOLATION', violationOf(error)))
      return
    }
    const refusal = error instanceof RemoteError ? error : toApiError(error)
    const { code, reason, message, retryAfterMs } = refusal
    const status = statusOf.get(code) ?? 500
    if (status >= 500) logFailure(log, request, { code, status, error })
    const text =
      error instanceof RemoteError && reason === ''
        ? 'The service behind this cannot be reached; try again'
        : message
    if (retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(retryAfterMs / 1_000))
    void reply.code(status).send(answer(codeName(code), reason || 'UNREACHABLE', text))
  }
}

/**
 * Logs a failure that a retry may solve as a warning, and any other as an error: a defect here or in the service
 * behind.
 */
function logFailure(
  log: Logger,
  { method, routeOptions: { url = '' } }: FastifyRequest,
  { code, status, error }: { readonly code: number; readonly status: number; readonly error: unknown },
): void {
  const fields = { method, url, code: codeName(code), status, err: error }
  const isDefect = status === 500
  log[isDefect ? 'error' : 'warn'](fields, 'a request failed')
  if (isDefect) reportDefect({ where: `${method} ${url}`, code: fields.code, error })
}

function isBadRequest(error: unknown): error is FastifyError {
  const { statusCode, validation } = error as Partial<FastifyError>
  return (
    !(error instanceof ApiError) &&
    (validation !== undefined || (statusCode !== undefined && statusCode < 500))
  )
}

/** Names the field: `querystring/limit must match pattern …`. */
function violationOf({ message, validation, validationContext }: FastifyError): string {
  const [first] = validation ?? []
  if (first?.keyword !== 'additionalProperties') return message
  return `${validationContext} must not have ${JSON.stringify(first.params.additionalProperty).slice(0, 100)}`
}

function answer(code: string, reason: string, message: string): ErrorAnswer {
  return { code, reason, message }
}

const statusOf: ReadonlyMap<number, number> = new Map<number, number>([
  // nginx's status for a caller who has left.
  [Code.CANCELLED, 499],
  [Code.INVALID_ARGUMENT, 400],
  [Code.OUT_OF_RANGE, 400],
  [Code.UNAUTHENTICATED, 401],
  [Code.PERMISSION_DENIED, 403],
  [Code.NOT_FOUND, 404],
  [Code.ALREADY_EXISTS, 409],
  [Code.FAILED_PRECONDITION, 409],
  [Code.ABORTED, 409],
  [Code.RESOURCE_EXHAUSTED, 429],
  [Code.UNIMPLEMENTED, 501],
  [Code.UNAVAILABLE, 503],
  [Code.DEADLINE_EXCEEDED, 504],
])
