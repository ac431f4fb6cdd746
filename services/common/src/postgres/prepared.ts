/** Statements that each connection keeps prepared, by their text. */
const names = new Map<string, string>()

/** More than all services have together. The limit keeps generated statements from filling the server. */
const namesMax = 500

/** Lets connections keep a statement prepared from now on: the server parses it once for each connection. */
export function prepare(sql: string): void {
  if (!names.has(sql) && names.size < namesMax) names.set(sql, `q${names.size + 1}`)
}

/** The name under which a connection keeps a statement; undefined if it was not prepared. */
export function preparedName(sql: string): string | undefined {
  return names.get(sql)
}

/** Prepared statements that return no rows. */
const writes = new Set<string>()

/** Prepares a statement that returns no rows, and may travel with a later one. */
export function prepareWrite(sql: string): void {
  prepare(sql)
  if (names.has(sql)) writes.add(sql)
}

/** Whether a statement was prepared with {@link prepareWrite}. */
export function isWrite(sql: string): boolean {
  return writes.has(sql)
}
