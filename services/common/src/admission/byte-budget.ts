/** Bytes that were made and not yet taken by their readers, of all readers of a process together. */
export interface ByteBudget {
  /**
   * Counts `bytes` until the returned function is called, once or several times. When that is too much, the readers that hold
   * the most for the longest are dropped, until it fits; that may be this one.
   *
   * @param drop - ends the reader; must not throw
   */
  hold(bytes: number, drop: () => void): () => void
  readonly bytes: number
}

interface Holding {
  readonly bytes: number
  readonly sinceMs: number
  readonly drop: () => void
}

/** @param options.now - milliseconds, never set back */
export function createByteBudget({
  bytesMax,
  onDropped = () => undefined,
  now = () => performance.now(),
}: {
  readonly bytesMax: number
  readonly onDropped?: () => void
  readonly now?: () => number
}): ByteBudget {
  const holdings = new Set<Holding>()
  let bytes = 0

  const release = (holding: Holding): void => {
    if (holdings.delete(holding)) bytes -= holding.bytes
  }

  const shed = (): void => {
    while (bytes > bytesMax) {
      const at = now()
      let worst: Holding | undefined
      for (const one of holdings) if (worst === undefined || weight(one, at) > weight(worst, at)) worst = one
      if (worst === undefined) return
      release(worst)
      onDropped()
      worst.drop()
    }
  }

  return {
    hold(count, drop) {
      const holding: Holding = { bytes: count, sinceMs: now(), drop }
      holdings.add(holding)
      bytes += count
      if (bytes > bytesMax) shed()
      return () => release(holding)
    },
    get bytes() {
      return bytes
    },
  }
}

function weight({ bytes, sinceMs }: Holding, at: number): number {
  return bytes * (at - sinceMs + 1)
}
