/** Whether this error made a connection fail. Whatever the server said, nothing has been done over that connection. */
export function isUnconnected(error: object): boolean {
  return unconnected in error
}

/** A name and not a symbol: MikroORM's exception copies only the named properties of an error. */
const unconnected = 'noConnectionWasMade'

/** Marks the error of a failed connection attempt. */
export function markUnconnected(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) Object.assign(error, { [unconnected]: true })
  return error
}
