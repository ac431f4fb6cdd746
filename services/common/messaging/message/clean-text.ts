const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of these bytes; null if they are broken UTF-8 or have a NUL, which PostgreSQL's text cannot hold. */
export function cleanText(bytes: Buffer | string): string | null {
  const text = typeof bytes === 'string' ? bytes : decodeUtf8(bytes)
  return text === null || text.includes('\0') ? null : text
}

/** Whether the name of a header is clean. KafkaJS has decoded it already: broken bytes have become U+FFFD. */
export function isCleanName(name: string): boolean {
  return !/[\0\uFFFD]/.test(name)
}

/** The most characters of an error that are stored. */
export const errorLengthMax = 2_000

/** Replaces each NUL of a text by U+FFFD, and cuts it to `lengthMax` UTF-16 units. */
export function storableText(text: string, lengthMax: number): string {
  const short = text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text
  return short.replaceAll('\0', '\uFFFD').toWellFormed()
}

function decodeUtf8(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}
