import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf'
import { pathToString } from '@bufbuild/protobuf/reflect'
import { createValidator } from '@bufbuild/protovalidate'
import { apiError, Code, ErrorReason } from './errors.ts'
import { lowerCaseIds } from './lower-case-ids.ts'

const validator = createValidator()

/**
 * Decodes a request and checks it against the protovalidate rules of its schema. Its ids come in lower case.
 *
 * @throws ApiError INVALID_ARGUMENT (FIELD_VIOLATION) that names every field that broke a rule
 */
export function decodeRequest(schema: DescMessage, bytes: Uint8Array): Message {
  const request = decode(schema, bytes)
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
  const summary = violations.map(({ field, description }) =>
    field ? `${field}: ${description}` : description,
  )
  throw apiError(
    Code.INVALID_ARGUMENT,
    ErrorReason.FIELD_VIOLATION,
    summary.join('; '),
    undefined,
    violations,
  )
}

function decode(schema: DescMessage, bytes: Uint8Array): Message {
  try {
    return fromBinary(schema, bytes)
  } catch {
    // What the decoder says about foreign bytes helps nobody.
    const message = `The request is not a valid ${schema.typeName}`
    throw apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, message)
  }
}
