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

/** The values of the calls of statements that return no rows. */
const writes = new WeakSet<readonly unknown[]>()

/** Marks the values of a prepared statement that returns no rows: this call may travel with a later one. */
export function markWrite(values: readonly unknown[]): void {
  writes.add(values)
}

/** Whether {@link markWrite} got these values, and no copy of them. */
export function isWrite(values: readonly unknown[] | undefined): boolean {
  return values !== undefined && writes.has(values)
}
