import type { Lsn } from './lsn.ts'
import type { OutboxRow } from './outbox-row.ts'
import type { Batch } from './row-queue.ts'

export interface Confirmable {
  /** Every row up to here is published or parked; undefined where that is no news. */
  readonly end: Lsn | undefined
  /** Nothing that was taken is after it. */
  readonly isAll: boolean
}

/** The batches in the order of the log of which some row still waits for its topic: the position stays before the first. */
export class UnconfirmedBatches {
  #batches: { end: Lsn | undefined; waiting: readonly OutboxRow[] }[] = []

  /** Takes one more batch, and how far everything is done by now. */
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
