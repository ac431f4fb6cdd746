import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf'
import { pathToString } from '@bufbuild/protobuf/reflect'
import { createValidator } from '@bufbuild/protovalidate'
import { violationsMax } from './bound-refusal.ts'
import { checkElements } from './element-bounds.ts'
import { ApiError, apiError, Code, ErrorReason } from './errors.ts'
import { lowerCaseIds } from './lower-case-ids.ts'
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
  const result = validator.validate(schema, request)
  if (result.kind === 'valid') {
    lowerCaseIds(schema, request)
    return request
  }
  if (result.kind === 'error') throw result.error
  const violations = result.violations.map((violation) => ({
    field: pathToString(violation.field),
    description: violation.message,
  }))
  const summary = violations
    .slice(0, violationsMax)
    .map(({ field, description }) => (field ? `${field}: ${description}` : description))
  throw apiError(
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
