/** The bytes that all readers of a process together have not taken yet. */
export interface ByteBudget {
  /**
   * Counts `bytes` until the returned function is called, once or several times. If the total is too large, the
   * readers that hold the most for the longest are dropped until it fits. That may be this reader.
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

/** @param options.now - a clock in milliseconds that never goes back */
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
      for (const holding of holdings)
        if (worst === undefined || weight(holding, at) > weight(worst, at)) worst = holding
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
