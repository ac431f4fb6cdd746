/** What a look finds of a consumer's membership. */
export interface MembershipSnapshot {
  /** Whether it has no partition to read, though there is something to read. */
  readonly isAway: boolean
  /** The number of failures so far that it has logged. */
  readonly failures: number
}

/** Notices that a consumer does not come to read. Counts looks, not time: a process that was paused was not away. */
export class Absence {
  readonly #looksMax: number
  #looks = 0
  #failures = 0

  constructor(looksMax: number) {
    this.#looksMax = looksMax
  }

  /** Whether it was away at all of the looks, and no failure explains that. */
  look({ isAway, failures }: MembershipSnapshot): boolean {
    const isExplained = failures !== this.#failures
    this.#failures = failures
    this.#looks = isAway && !isExplained ? this.#looks + 1 : 0
    return this.#looks > this.#looksMax
  }

  forget(): void {
    this.#looks = 0
  }
}
