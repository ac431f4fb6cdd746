/** Receives the output of one run. */
export interface OutputPart {
  write(chunk: Buffer | string): void
  /** Ends the part: the next part is shown. */
  end(): void
}

/**
 * Shows the output of simultaneous runs as if they had run one after the other: the first part as it arrives, each
 * further one after the previous parts have ended.
 *
 * @param show - receives the output to show now
 */
export class OrderedOutput {
  readonly #parts: { held: (Buffer | string)[]; ended: boolean }[] = []
  readonly #show: (chunk: Buffer | string) => void

  constructor(show: (chunk: Buffer | string) => void) {
    this.#show = show
  }

  /** Begins a part, which is shown after all earlier parts. */
  begin(): OutputPart {
    const part = { held: [] as (Buffer | string)[], ended: false }
    this.#parts.push(part)
    return {
      write: (chunk) => {
        part.held.push(chunk)
        this.#flush()
      },
      end: () => {
        part.ended = true
        this.#flush()
      },
    }
  }

  #flush(): void {
    for (let part = this.#parts[0]; part !== undefined; part = this.#parts[0]) {
      for (const chunk of part.held.splice(0)) this.#show(chunk)
      if (!part.ended) return
      this.#parts.shift()
    }
  }
}
