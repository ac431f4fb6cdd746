/** Statements that each connection keeps prepared, by their text. */
const names = new Map<string, string>()

/** More than all services have together; whoever makes statements up as he goes does not fill the server with them. */
const namesMax = 500

/** Lets connections keep a statement from now on: the server parses it once a connection, and plans it a few times. */
export function prepare(sql: string): void {
  if (!names.has(sql) && names.size < namesMax) names.set(sql, `q${names.size + 1}`)
}

/** The name under which a connection keeps a statement; undefined for one that nobody prepared. */
export function preparedName(sql: string): string | undefined {
  return names.get(sql)
}
