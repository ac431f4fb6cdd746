/** The longest message of an answer, in bytes of UTF-8. On the wire each byte may become three (`%C3`). */
const messageBytesMax = 1_024
/** The longest value in an answer's metadata. */
const valueBytesMax = 1_024
/**
 * The limit of metadata and violations together. With the message, which comes twice, and with base64 the trailers
 * stay below 8 kB, which clients and proxies accept.
 */
const detailsBytesMax = 2_560
/** The number of violations that one answer names. The number of further ones is part of the message. */
export const violationsMax = 20

export interface FieldViolation {
  /** The path of the field, in the names of the proto file: `seats[2]`. */
  readonly field: string
  readonly description: string
}

/** The text of a refusal. */
export interface RefusalText {
  readonly message: string
  readonly metadata: Readonly<Record<string, string>>
  readonly fieldViolations: readonly FieldViolation[]
}

/** Cuts a refusal to what an answer may contain. A short one is returned whole. */
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

/** The beginning of a text, at most so many bytes of UTF-8, with an ellipsis if it was cut; never half a character. */
export function cutText(text: string, bytesMax: number): string {
  // No text has fewer bytes than units of UTF-16, so a long text need not be measured.
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
