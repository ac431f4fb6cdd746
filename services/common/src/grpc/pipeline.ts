import { Code } from '@boxoffice/proto/google/rpc/code_pb.ts'
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import type { Metadata, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { placeOf } from '../admission/admit-calls.ts'
import type { Place } from '../admission/place.ts'
import type { Authenticator, TokenHolder } from '../auth/auth.ts'
import type { Identity } from '../auth/identity.ts'
import { ApiError, apiError, ErrorReason } from '../status/errors.ts'
import type { CallContext } from './call-context.ts'
import type { CallTracker } from './call-tracker.ts'
import type { ObserveCall } from './observe.ts'

/** The parts that every call needs. */
export interface Pipeline {
  readonly auth: Authenticator
  readonly observe: ObserveCall
  readonly tracker: CallTracker
  readonly limits: { readonly deadlineDefaultMs: number; readonly sendBytesMax: number }
}

export type ServerCall = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>

/** @throws ApiError UNAUTHENTICATED (TOKEN_MISSING, TOKEN_INVALID) */
export function identify(auth: Authenticator, metadata: Metadata): Promise<TokenHolder> | TokenHolder {
  const tokenFailure = placeOf(metadata)?.tokenFailure
  if (tokenFailure !== undefined) throw tokenFailure
  return auth.authenticate(authorizationOf(metadata))
}

export function authorizationOf(metadata: Metadata): string | undefined {
  const [header] = metadata.get('authorization')
  return typeof header === 'string' ? header : undefined
}

/** The trace context that the caller sent. */
export function traceparentOf(metadata: Metadata): string | undefined {
  const [header] = metadata.get('traceparent')
  return typeof header === 'string' ? header : undefined
}

export function createContext(
  identity: Identity,
  call: { traceparent: string; signal: AbortSignal; deadline: Date | undefined; draining: AbortSignal },
  place: Place | undefined,
): CallContext {
  return { ...call, subject: identity.subject, roles: identity.roles, yieldTurn: () => place?.yieldTurn() }
}

/** When the caller stops waiting; undefined if it set no deadline. */
export function deadlineOf(call: ServerCall): Date | undefined {
  const deadline = call.getDeadline()
  if (deadline instanceof Date) return deadline
  return Number.isFinite(deadline) ? new Date(deadline) : undefined
}

/** @throws ApiError RESOURCE_EXHAUSTED (RESPONSE_TOO_LARGE) */
export function encode(schema: DescMessage, init: unknown, bytesMax: number): Buffer {
  const bytes = toBinary(schema, create(schema, init as MessageInitShape<DescMessage>))
  if (bytes.length > bytesMax) {
    throw apiError(
      Code.RESOURCE_EXHAUSTED,
      ErrorReason.RESPONSE_TOO_LARGE,
      `The answer has ${bytes.length} bytes, and may have ${bytesMax}; ask for less at once`,
    )
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The error of a call whose deadline has passed by its timer, whatever the clock shows. */
export function deadlineError(): ApiError {
  return new ApiError({ code: Code.DEADLINE_EXCEEDED, reason: '', message: 'The deadline has passed' })
}

/** The error of a call whose caller has left or whose deadline has passed, or that the stopping server ends. */
export function abortedError(deadline: Date | undefined, draining: AbortSignal): ApiError {
  if (deadline !== undefined && deadline.getTime() <= Date.now()) {
    return deadlineError()
  }
  if (draining.aborted) {
    return apiError(Code.UNAVAILABLE, ErrorReason.NOT_READY, 'The service is shutting down; try again')
  }
  return new ApiError({ code: Code.CANCELLED, reason: '', message: 'The caller has cancelled' })
}
