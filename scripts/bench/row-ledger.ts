import { setTimeout as sleep } from 'node:timers/promises'
import { BenchError } from './bench-error.ts'

const pollMs = 20

/** Records when each row was committed and when it was first consumed. Rows are numbered from 0. */
export class RowLedger {
  readonly #committedAt: number[] = []
  readonly #consumedAt: number[] = []
  #consumed = 0
  lastConsumedAt = 0

  get count(): number {
    return this.#committedAt.length
  }

  /** Returns the number of a new row. */
  begin(): number {
    return this.#committedAt.push(Number.NaN) - 1
  }

  /** Records that PostgreSQL has answered the commit. */
  committed(row: number): void {
    this.#committedAt[row] = performance.now()
  }

  /** Records that the row was consumed. A repeat, which a relay may publish, does not count. */
  consumed(row: number): void {
    if (this.#consumedAt[row] !== undefined) return
    this.#consumedAt[row] = this.lastConsumedAt = performance.now()
    this.#consumed += 1
  }

  /** @throws BenchError when a row is missing after `timeoutMs` */
  async allConsumed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (this.#consumed < this.count) {
      if (performance.now() > deadline) {
        throw new BenchError(`${this.count - this.#consumed} of ${this.count} rows did not come through.`)
      }
      await sleep(pollMs, undefined, { signal })
    }
  }

  /** Milliseconds from commit to consumed of the rows from `first` on. */
  latenciesFrom(first: number): number[] {
    const latencies: number[] = []
    for (let row = first; row < this.count; row++) {
      // A record can arrive before the answer to its commit.
      latencies.push(
        Math.max((this.#consumedAt[row] ?? Number.NaN) - (this.#committedAt[row] ?? Number.NaN), 0),
      )
    }
    return latencies
  }
}
