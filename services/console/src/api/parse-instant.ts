/**
 * Parses a time in the format of RFC 3339, such as `2026-11-29T17:00:00.5+01:00`. Returns undefined for any other
 * text, a day or an hour that does not exist, a leap second, and a time before 1970 or after 9999.
 */
export function parseInstant(text: string): Date | undefined {
  const [, day = '', time = '', fraction = '', zone = ''] = rfc3339.exec(text) ?? []
  const midnight = new Date(`${day}T00:00:00.000Z`)
  // JavaScript reads the 30th of February as the 2nd of March.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return undefined
  const instant = new Date(`${day}T${time}${fraction.slice(0, 4)}${zone}`)
  const ms = instant.getTime()
  return ms >= 0 && ms <= lastMs ? instant : undefined
}

const rfc3339 =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
