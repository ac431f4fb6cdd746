import type { Lsn } from './lsn.ts'
import type { OutboxRow } from './outbox-row.ts'
import type { Batch } from './row-queue.ts'

export interface Confirmable {
  /** Every row up to here is published or parked; undefined if the position does not change. */
  readonly end: Lsn | undefined
  /** Whether no row that was taken is after it. */
  readonly isAll: boolean
}

/**
 * The batches, in the order of the log, with a row that still waits for its topic: the position stays before the
 * first.
 */
export class UnconfirmedBatches {
  #batches: { end: Lsn | undefined; waiting: readonly OutboxRow[] }[] = []

  /** Adds a batch. @returns how far everything is published or parked by now */
  add({ rows, end }: Batch, waits: (row: OutboxRow) => boolean): Confirmable {
    const waiting = rows.filter(waits)
    const last = this.#batches.at(-1)
    if (waiting.length > 0 || last === undefined) this.#batches.push({ end, waiting })
    else last.end = end ?? last.end
    let done: Lsn | undefined
    for (let first = this.#batches[0]; first !== undefined; first = this.#batches[0]) {
      first.waiting = first.waiting.filter(waits)
      if (first.waiting.length > 0) break
      done = first.end ?? done
      this.#batches.shift()
    }
    return { end: done, isAll: this.#batches.length === 0 }
  }
}
