/** Whether this is why a connection could not be made. Whatever a server says then, nothing has been done over it. */
export function isUnconnected(error: object): boolean {
  return unconnected in error
}

/** A name and not a symbol: MikroORM's exception takes on the names that an error has, and no more. */
const unconnected = 'noConnectionWasMade'

/** Marks what a connection attempt failed with. */
export function markUnconnected(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) Object.assign(error, { [unconnected]: true })
  return error
}
