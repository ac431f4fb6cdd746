/** What an answer says in words at most, in bytes of UTF-8. On the wire each may become three (`%C3`). */
const messageBytesMax = 1_024
/** One value of an answer's metadata at most. */
const valueBytesMax = 1_024
/**
 * Metadata and violations together. With the message, which comes twice, and base64 the trailers stay below 8 kB, which is what
 * clients and proxies take.
 */
const detailsBytesMax = 2_560
/** Violations that one answer names; how many more there are is part of its message. */
export const violationsMax = 20

export interface FieldViolation {
  /** The path of the field, in the names of the proto file: `seats[2]`. */
  readonly field: string
  readonly description: string
}

/** The words of a refusal. */
export interface RefusalText {
  readonly message: string
  readonly metadata: Readonly<Record<string, string>>
  readonly fieldViolations: readonly FieldViolation[]
}

/** What of a refusal is told to its caller: all of it, unless it is longer than an answer may be. */
export function boundRefusal({ message, metadata, fieldViolations }: RefusalText): RefusalText {
  let left = detailsBytesMax
  const room = (...texts: string[]): boolean => {
    // A few bytes for tags and lengths.
    left -= texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 4, 8)
    return left >= 0
  }
  const boundMetadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(metadata)) {
    const text = cutText(value, valueBytesMax)
    if (room(name, text)) boundMetadata[name] = text
  }
  const violations: FieldViolation[] = []
  for (const violation of fieldViolations.slice(0, violationsMax)) {
    const field = cutText(violation.field, 128)
    const description = cutText(violation.description, 256)
    if (!room(field, description)) break
    violations.push({ field, description })
  }
  const omitted = fieldViolations.length - violations.length
  const more = omitted > 0 ? ` (and ${omitted} more)` : ''
  return {
    message: cutText(message, messageBytesMax - more.length) + more,
    metadata: boundMetadata,
    fieldViolations: violations,
  }
}

/** A text's beginning of at most so many bytes of UTF-8, ending in an ellipsis where it was cut; never half a character. */
export function cutText(text: string, bytesMax: number): string {
  // No text is shorter in bytes than in units of UTF-16; a long one need not be measured.
  if (text.length <= bytesMax && Buffer.byteLength(text) <= bytesMax) return text.toWellFormed()
  let bytes = Buffer.byteLength(ellipsis)
  let length = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > bytesMax) break
    length += character.length
  }
  return text.slice(0, length).toWellFormed() + ellipsis
}

const ellipsis = '…'
