/** Whether this is the error of an earlier statement, which had been sent together with the one that failed. */
export function isOfEarlierWrite(error: unknown): boolean {
  return typeof error === 'object' && error !== null && earlierWrite in error
}

/** A name and not a symbol: MikroORM's exception copies only the named properties of an error. */
const earlierWrite = 'ofEarlierWrite'

/** Marks the error of a statement that {@link Sql.write} ran, and that had not been sent at once. */
export function markEarlierWrite(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) Object.assign(error, { [earlierWrite]: true })
  return error
}
