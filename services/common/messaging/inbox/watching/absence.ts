/** A consumer at the time of a look, as one that belongs to its group or does not. */
export interface AbsenceSight {
  /** Whether it has nothing that it could read, though there is something to read. */
  readonly isAway: boolean
  /** How often it has failed so far, and said why. */
  readonly failures: number
}

/** Follows whether a consumer comes to read. Counts looks, not time: a process that was paused has not been away. */
export class Absence {
  readonly #looksMax: number
  #looks = 0
  #failures = 0

  constructor(looksMax: number) {
    this.#looksMax = looksMax
  }

  /** Whether it has been away for all of the looks, and nothing is known that would explain it. */
  look({ isAway, failures }: AbsenceSight): boolean {
    const isExplained = failures !== this.#failures
    this.#failures = failures
    this.#looks = isAway && !isExplained ? this.#looks + 1 : 0
    return this.#looks > this.#looksMax
  }

  forget(): void {
    this.#looks = 0
  }
}
