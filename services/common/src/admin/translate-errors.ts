import { KafkaAwayError } from '@boxoffice/kafka'
import { MessagingError } from '@boxoffice/messaging'
import { InvalidOffsetsError } from '@boxoffice/messaging/operations'
import type { ServiceImplementation } from '../grpc/implement.ts'
import { ApiError, apiError, Code, ErrorReason, type FieldViolation } from '../status/errors.ts'

/** Turns the errors of messaging that unary methods throw into answers of gRPC. */
export function translateErrors(implementation: ServiceImplementation): ServiceImplementation {
  const methods = implementation.methods.map((method) => ({
    ...method,
    handle: async (...call: Parameters<typeof method.handle>): Promise<unknown> => {
      try {
        return await method.handle(...call)
      } catch (error) {
        throw toAnswer(error)
      }
    },
  }))
  return { ...implementation, methods }
}

function toAnswer(error: unknown): unknown {
  if (error instanceof MessagingError)
    return apiError(
      codeOf[error.code],
      ErrorReason[error.code],
      error.message,
      error.details,
      violationsOf(error),
    )
  if (error instanceof InvalidOffsetsError) {
    const violations = error.faults.map(({ index, description }) => ({
      field: `range.offsets.offsets[${index}].partition`,
      description,
    }))
    return apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, error.message, {}, violations)
  }
  if (error instanceof KafkaAwayError) {
    const { message, cause } = error
    return new ApiError({ code: Code.UNAVAILABLE, reason: 'NOT_READY', message, cause })
  }
  return error
}

function violationsOf({ code, message, details: { field = '' } }: MessagingError): FieldViolation[] {
  return code === 'FIELD_VIOLATION' ? [{ field, description: message }] : []
}

const codeOf: Readonly<Record<MessagingError['code'], Code>> = {
  CONSUMER_NOT_FOUND: Code.NOT_FOUND,
  DEAD_LETTER_NOT_FOUND: Code.NOT_FOUND,
  DEAD_LETTER_SETTLED: Code.FAILED_PRECONDITION,
  FIELD_VIOLATION: Code.INVALID_ARGUMENT,
  NOT_READY: Code.UNAVAILABLE,
  OUTCOME_CONTRADICTED: Code.FAILED_PRECONDITION,
  OUTCOME_REQUIRED: Code.INVALID_ARGUMENT,
  RECORDS_GONE: Code.FAILED_PRECONDITION,
  REPLAY_FROM_FUTURE: Code.INVALID_ARGUMENT,
  REPLAY_NOT_FOUND: Code.NOT_FOUND,
  REPLAY_RUNNING: Code.FAILED_PRECONDITION,
  RESTORE_FROM_FUTURE: Code.INVALID_ARGUMENT,
  RESTORE_NOT_FOUND: Code.NOT_FOUND,
  RESTORE_RUNNING: Code.FAILED_PRECONDITION,
  TOPIC_NOT_RECREATED: Code.FAILED_PRECONDITION,
}
