/**
 * Judges a partition by its recent messages. When more than half of them were poison, it is not the messages that are bad
 * but, most likely, a deploy: the partition stops, so that its topic is not emptied into dead letters. It rests, then
 * tries one message, which is handled or put aside like any other; one that is handled lets the partition flow again, one
 * that is poison makes the next rest longer.
 */
export class PoisonWindow {
  readonly #size: number
  #recent: boolean[]
  #stops = 0
  #resting = false

  /** @param recentPoison - how many of the latest `size` messages were poison, as far as is known */
  constructor(size: number, recentPoison = 0) {
    this.#size = size
    this.#recent = Array.from({ length: recentPoison === 0 ? 0 : size }, (_, index) => index < recentPoison)
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

  tryAgain(): void {
    this.#resting = false
  }

  /** Counts what became of messages, in their order; true for poison. Repeats and what stands behind others tell nothing. */
  count(outcomes: readonly boolean[]): void {
    if (outcomes.length === 0) return
    if (this.stopped && outcomes.includes(false)) {
      this.#stops = 0
      this.#recent = []
    }
    this.#recent = [...this.#recent, ...outcomes].slice(-this.#size)
    this.#judge()
  }

  #judge(): void {
    const poison = this.#recent.filter(Boolean).length
    if (this.#recent.length < this.#size || poison * 2 <= this.#size) return
    this.#stops += 1
    this.#resting = true
  }
}
