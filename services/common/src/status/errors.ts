import { isTransient } from '@boxoffice/messaging/sql'
import { ErrorReason, ErrorReasonSchema } from '@boxoffice/proto/boxoffice/type/v1/error_reason_pb.ts'
import { Code } from '@boxoffice/proto/google/rpc/code_pb.ts'
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from '@boxoffice/proto/google/rpc/error_details_pb.ts'
import { StatusSchema } from '@boxoffice/proto/google/rpc/status_pb.ts'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { type Any, anyPack, anyUnpack, durationFromMs, durationMs } from '@bufbuild/protobuf/wkt'
import { Metadata, type ServiceError, type StatusObject } from '@grpc/grpc-js'
import { boundRefusal, type FieldViolation } from './bound-refusal.ts'

export { ErrorReason } from '@boxoffice/proto/boxoffice/type/v1/error_reason_pb.ts'
export { Code } from '@boxoffice/proto/google/rpc/code_pb.ts'
export type { FieldViolation } from './bound-refusal.ts'

/** The domain of the reasons: `ErrorInfo.domain`. */
const errorDomain = 'boxoffice'

/** An answer that refuses a call. Its message is for the caller, so it contains nothing internal. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: Code
  /** The reason's name without its prefix: `PAYMENT_NOT_FOUND`; empty if the code is enough, as after a cancel. */
  readonly reason: string
  readonly metadata: Readonly<Record<string, string>>
  readonly fieldViolations: readonly FieldViolation[]
  /** When to retry the same call, if that helps: `google.rpc.RetryInfo`. */
  readonly retryAfterMs: number | undefined

  constructor(refusal: {
    code: Code
    reason: string
    message: string
    metadata?: Readonly<Record<string, string>> | undefined
    fieldViolations?: readonly FieldViolation[] | undefined
    retryAfterMs?: number | undefined
    cause?: unknown
  }) {
    super(refusal.message, refusal.cause === undefined ? undefined : { cause: refusal.cause })
    this.code = refusal.code
    this.reason = refusal.reason
    this.metadata = refusal.metadata ?? {}
    this.fieldViolations = refusal.fieldViolations ?? []
    this.retryAfterMs = refusal.retryAfterMs
  }
}

/** Creates the error that a handler throws to refuse its call. */
export function apiError(
  code: Code,
  reason: ErrorReason,
  message: string,
  metadata?: Readonly<Record<string, string>>,
  fieldViolations?: readonly FieldViolation[],
): ApiError {
  return new ApiError({ code, reason: reasonName(reason), message, metadata, fieldViolations })
}

/** Turns any error of a call into an ApiError. Errors that are not for the caller become INTERNAL or UNAVAILABLE. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (isTransient(error)) {
    const message = 'The service cannot reach its database at the moment; try again'
    return new ApiError({ code: Code.UNAVAILABLE, reason: 'NOT_READY', message, cause: error })
  }
  const message = 'A defect in the service; its log has the cause under the trace id'
  return new ApiError({ code: Code.INTERNAL, reason: 'INTERNAL', message, cause: error })
}

/**
 * The gRPC status of an error: a google.rpc.Status with its reason as ErrorInfo, and BadRequest if there are field violations.
 * Whatever the error contains, its trailers stay below 8 kB.
 */
export function toStatus(error: unknown): StatusObject {
  const refusal = toApiError(error)
  const { code, reason, retryAfterMs } = refusal
  const { message, metadata, fieldViolations } = boundRefusal(refusal)
  const details: Any[] = []
  if (reason !== '') {
    const info = create(ErrorInfoSchema, { reason, domain: errorDomain, metadata: { ...metadata } })
    details.push(anyPack(ErrorInfoSchema, info))
  }
  if (fieldViolations.length > 0) {
    const badRequest = create(BadRequestSchema, {
      fieldViolations: fieldViolations.map((violation) => ({ ...violation })),
    })
    details.push(anyPack(BadRequestSchema, badRequest))
  }
  if (retryAfterMs !== undefined) {
    const retryInfo = create(RetryInfoSchema, { retryDelay: durationFromMs(retryAfterMs) })
    details.push(anyPack(RetryInfoSchema, retryInfo))
  }
  const trailers = new Metadata()
  trailers.set(
    'grpc-status-details-bin',
    Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code, message, details }))),
  )
  return { code, details: message, metadata: trailers }
}

/** A call that another process refused, or that did not reach one (then `reason` is empty). */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'
  readonly code: Code
  readonly reason: string
  readonly metadata: Readonly<Record<string, string>>
  readonly fieldViolations: readonly FieldViolation[]
  /** Set if the other process has said when to retry: then it has done nothing of the call. */
  readonly retryAfterMs: number | undefined

  constructor(
    error: ServiceError,
    details: {
      reason: string
      metadata: Readonly<Record<string, string>>
      fieldViolations: readonly FieldViolation[]
      retryAfterMs?: number | undefined
    },
  ) {
    super(error.details || error.message, { cause: error })
    this.code = error.code
    this.reason = details.reason
    this.metadata = details.metadata
    this.fieldViolations = details.fieldViolations
    this.retryAfterMs = details.retryAfterMs
  }
}

/** Reads the details from the error of a grpc-js client call. Any other error is returned unchanged. */
export function fromServiceError(error: unknown): unknown {
  if (!isServiceError(error)) return error
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? []
  const nothing = { reason: '', metadata: {}, fieldViolations: [] }
  if (!(bytes instanceof Uint8Array)) return new RemoteError(error, nothing)
  try {
    const status = fromBinary(StatusSchema, bytes)
    const info = status.details
      .map((any) => anyUnpack(any, ErrorInfoSchema))
      .find((detail) => detail !== undefined)
    const badRequest = status.details
      .map((any) => anyUnpack(any, BadRequestSchema))
      .find((detail) => detail !== undefined)
    const retryInfo = status.details
      .map((any) => anyUnpack(any, RetryInfoSchema))
      .find((detail) => detail !== undefined)
    return new RemoteError(error, {
      reason: info?.reason ?? '',
      metadata: info?.metadata ?? {},
      fieldViolations: (badRequest?.fieldViolations ?? []).map(({ field, description }) => ({
        field,
        description,
      })),
      retryAfterMs: retryInfo?.retryDelay === undefined ? undefined : durationMs(retryInfo.retryDelay),
    })
  } catch {
    // Without readable details the code and the message are still known.
    return new RemoteError(error, nothing)
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return (
    error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number' && 'details' in error
  )
}

/** `PAYMENT_NOT_FOUND` for ErrorReason.PAYMENT_NOT_FOUND. */
export function reasonName(reason: ErrorReason): string {
  const name = ErrorReasonSchema.value[reason]?.name ?? `${ErrorReason.INTERNAL}`
  return name.replace(/^ERROR_REASON_/, '')
}

/** `NOT_FOUND` for 5. */
export function codeName(code: number): string {
  return codeNames.get(code) ?? 'UNKNOWN'
}

const codeNames = new Map<number, string>(Object.entries(Code).map(([name, code]) => [code, name]))
