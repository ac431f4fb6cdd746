/**
 * A timestamptz expression as text of one form, `2026-11-29T17:05:09.123456Z`, whatever the connection's DateStyle and
 * TimeZone are; null stays null. The text keeps PostgreSQL's microseconds, so it can be read back without a loss.
 */
export function isoTime(expression: string): string {
  return `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}
