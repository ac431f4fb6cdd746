/** A batch of records cannot be read, now or later; the message is the reason, without its content. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError'
  readonly code = 'UNREADABLE'
  readonly retriable = false
}

export function tooLarge(bytesMax: number): UnreadableError {
  return new UnreadableError(`expands to more than ${bytesMax} bytes`)
}

export function tooManyBlocks(blocksMax: number): UnreadableError {
  return new UnreadableError(`is more than ${blocksMax} blocks`)
}
