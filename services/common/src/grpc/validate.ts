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
 * Decodes a request and checks it against the protovalidate rules of its schema. Its ids come in lower case; fields that the
 * schema does not know are left out. What no rule allows is not even decoded: too many bytes, or too many elements of a list.
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
  // A rule that cannot be worked out for these fields, as they are too large for it; a rule that is wrong itself is our defect.
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
    // What the decoder says about foreign bytes helps nobody.
    const message = `The request is not a valid ${schema.typeName}`
    throw apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, message)
  }
}
