/**
 * A timestamptz expression as text of one form, `2026-11-29T17:05:09.123456Z`, whatever DateStyle and TimeZone the connection has;
 * null stays null. PostgreSQL keeps microseconds, and so does this: the text leads back to the same moment.
 */
export function isoTime(expression: string): string {
  return `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}
