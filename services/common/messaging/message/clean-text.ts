const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that these bytes are; null if they are broken UTF-8 or hold a NUL, which PostgreSQL's text cannot. */
export function cleanText(bytes: Buffer | string): string | null {
  const text = typeof bytes === 'string' ? bytes : decodeUtf8(bytes)
  return text === null || text.includes('\0') ? null : text
}

/** Whether a header's name, which KafkaJS has decoded already, came in clean: broken bytes have become U+FFFD. */
export function isCleanName(name: string): boolean {
  return !/[\0\uFFFD]/.test(name)
}

/** Characters of an error that are kept. */
export const errorLengthMax = 2_000

/** The text with each NUL as U+FFFD and no longer than `lengthMax` UTF-16 units. */
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
