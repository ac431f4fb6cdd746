import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf'
import { pathToString } from '@bufbuild/protobuf/reflect'
import { createValidator, RuntimeError } from '@bufbuild/protovalidate'
import { violationsMax } from '../status/bound-refusal.ts'
import { ApiError, apiError, Code, ErrorReason, type FieldViolation } from '../status/errors.ts'
import { checkElements } from './element-bounds.ts'
import { lowerCaseIds } from './lower-case-ids.ts'
import { malformedTimes } from './malformed-times.ts'
import { type RequestBounds, requestBoundsOf, requestTooLarge } from './request-bounds.ts'

const validator = createValidator()

/**
 * Decodes a request and checks it against the protovalidate rules of its schema. Its ids are written in lower case,
 * and fields that the schema does not know are left out. Requests with too many bytes or too many elements are not
 * even decoded.
 *
 * @throws ApiError INVALID_ARGUMENT (FIELD_VIOLATION) that names the fields that broke a rule, RESOURCE_EXHAUSTED
 * (REQUEST_TOO_LARGE)
 */
export function decodeRequest(schema: DescMessage, bytes: Uint8Array): Message {
  const bounds = requestBoundsOf(schema)
  if (bytes.length > bounds.bytesMax) throw requestTooLarge(schema.name, bytes.length, bounds.bytesMax)
  const request = decode(schema, bytes, bounds)
  const malformed = malformedTimes(request, schema)
  if (malformed.length > 0) throw fieldViolations(malformed)
  const result = validator.validate(schema, request)
  if (result.kind === 'valid') {
    lowerCaseIds(schema, request)
    return request
  }
  // A rule cannot be evaluated for fields that are too large for it. A rule that is wrong itself is a defect of ours.
  if (result.kind === 'error' && result.error instanceof RuntimeError)
    throw fieldViolations([{ field: '', description: 'the fields cannot be held against their rules' }])
  if (result.kind === 'error') throw result.error
  throw fieldViolations(
    result.violations.map((violation) => ({
      field: pathToString(violation.field),
      description: violation.message,
    })),
  )
}

function fieldViolations(violations: readonly FieldViolation[]): Error {
  const summary = violations
    .slice(0, violationsMax)
    .map(({ field, description }) => (field ? `${field}: ${description}` : description))
  return apiError(
    Code.INVALID_ARGUMENT,
    ErrorReason.FIELD_VIOLATION,
    summary.join('; '),
    undefined,
    violations,
  )
}

function decode(schema: DescMessage, bytes: Uint8Array, { elements }: RequestBounds): Message {
  try {
    if (elements !== undefined) checkElements(bytes, elements)
    return fromBinary(schema, bytes, { readUnknownFields: false })
  } catch (error) {
    if (error instanceof ApiError) throw error
    // The decoder's text about foreign bytes helps no caller.
    const message = `The request is not a valid ${schema.typeName}`
    throw apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, message)
  }
}
