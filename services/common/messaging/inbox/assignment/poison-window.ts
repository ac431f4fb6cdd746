/** What became of a message: it was handled, or it was put aside for what it is, at this offset. */
export type Judged = 'handled' | { readonly poisonAt: bigint }

/**
 * Judges a partition by its recent messages. When more than half of them were poison, it is not the messages that are bad
 * but, most likely, a deploy: the partition stops, so that its topic is not emptied into dead letters. It rests, then
 * tries one message, which is handled or put aside like any other; one that is handled lets the partition flow again, one
 * that is poison makes the next rest longer. It also flows again when enough of the poison has been redriven or discarded.
 */
export class PoisonWindow {
  readonly #size: number
  #recent: Judged[]
  #stops = 0
  #resting = false

  /** @param recentPoison - the offsets of those of the latest `size` messages that were poison, as far as is known */
  constructor(size: number, recentPoison: readonly bigint[] = []) {
    this.#size = size
    this.#recent = Array.from({ length: recentPoison.length === 0 ? 0 : size }, (_, index) =>
      judged(recentPoison[index]),
    )
    this.#judge()
  }

  /** Whether only single messages are tried. */
  get stopped(): boolean {
    return this.#stops > 0
  }

  /** Whether nothing is tried until {@link tryAgain}. */
  get resting(): boolean {
    return this.#resting
  }

  /** How often in a row it had to rest. */
  get stops(): number {
    return this.#stops
  }

  /** Where the poison stood by which it is judged. */
  get poisonOffsets(): bigint[] {
    return this.#recent.flatMap((one) => (one === 'handled' ? [] : [one.poisonAt]))
  }

  tryAgain(): void {
    this.#resting = false
  }

  /** Counts what became of messages, in their order. Repeats and what stands behind others tell nothing. */
  count(outcomes: readonly Judged[]): void {
    if (outcomes.length === 0) return
    if (this.stopped && outcomes.includes('handled')) {
      this.#stops = 0
      this.#recent = []
    }
    this.#recent = [...this.#recent, ...outcomes].slice(-this.#size)
    this.#judge()
  }

  /**
   * Takes the poison that is not put aside any more for handled.
   *
   * @param putAside - the offsets of those of its poison that still are
   * @returns whether a partition that had stopped flows again
   */
  mend(putAside: ReadonlySet<bigint>): boolean {
    const left = this.poisonOffsets.filter((offset) => putAside.has(offset))
    if (!this.stopped || this.#isMostlyPoison(left.length)) return false
    this.#recent = this.#recent.map((one) =>
      one !== 'handled' && putAside.has(one.poisonAt) ? one : 'handled',
    )
    this.#stops = 0
    this.#resting = false
    return true
  }

  #judge(): void {
    if (this.#recent.length < this.#size || !this.#isMostlyPoison(this.poisonOffsets.length)) return
    this.#stops += 1
    this.#resting = true
  }

  #isMostlyPoison(poison: number): boolean {
    return poison * 2 > this.#size
  }
}

function judged(poisonAt: bigint | undefined): Judged {
  return poisonAt === undefined ? 'handled' : { poisonAt }
}
