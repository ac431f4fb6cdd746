import { type Lsn, maxLsn } from './lsn.ts'
import type { OutboxRow } from './outbox-row.ts'

/** Rows to publish together, in commit order. */
export interface Batch {
  readonly rows: readonly OutboxRow[]
  /**
   * The end of the commit of the last transaction whose rows are all in this batch or in earlier ones: it may be
   * confirmed once they are published. Undefined if the batch ends no transaction.
   */
  readonly end: Lsn | undefined
}

export interface BatchLimits {
  readonly rowsMax: number
  /** A single row may be larger; it then goes alone. */
  readonly bytesMax: number
}

/** The rows that were read and not yet taken, and the ends of their transactions between them. */
export class RowQueue {
  readonly #limits: BatchLimits
  #rows: OutboxRow[] = []
  #bytes = 0
  /** The numbers of rows ever taken and ever put in: they give the place of a commit among the rows. */
  #taken = 0
  #put = 0
  #commits: { readonly after: number; readonly end: Lsn }[] = []

  constructor(limits: BatchLimits) {
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0 && this.#commits.length === 0
  }

  /** Whether there is a whole transaction, or as much of one as a batch takes. */
  get hasBatch(): boolean {
    return this.#commits.length > 0 || this.hasFullBatch
  }

  /** Whether there is as much as a batch takes. */
  get hasFullBatch(): boolean {
    const { rowsMax, bytesMax } = this.#limits
    return this.#rows.length >= rowsMax || this.#bytes >= bytesMax
  }

  /** Whether it holds as much as two batches, so that reading should pause. */
  get isFull(): boolean {
    return this.#rows.length >= 2 * this.#limits.rowsMax || this.#bytes >= 2 * this.#limits.bytesMax
  }

  putRow(row: OutboxRow): void {
    this.#rows.push(row)
    this.#bytes += row.bytes
    this.#put += 1
  }

  putCommit(end: Lsn): void {
    this.#commits.push({ after: this.#put, end })
  }

  /**
   * Takes the next rows, or undefined when there is no batch: whole transactions, as many as the limits allow, or a
   * part of one that is larger than a batch.
   */
  take(): Batch | undefined {
    if (!this.hasBatch) return undefined
    const rows = this.#rows.splice(0, this.#wholeTransactions(this.#fitting()))
    for (const row of rows) this.#bytes -= row.bytes
    this.#taken += rows.length
    let end: Lsn | undefined
    while (this.#commits[0] !== undefined && this.#commits[0].after <= this.#taken) {
      end = maxLsn(end ?? 0n, this.#commits[0].end)
      this.#commits.shift()
    }
    return { rows, end }
  }

  #wholeTransactions(rowCount: number): number {
    const last = this.#commits.findLast(({ after }) => after <= this.#taken + rowCount)
    return last !== undefined && last.after > this.#taken ? last.after - this.#taken : rowCount
  }

  #fitting(): number {
    let count = 0
    let bytes = 0
    for (const row of this.#rows) {
      bytes += row.bytes
      if (count > 0 && (bytes > this.#limits.bytesMax || count >= this.#limits.rowsMax)) break
      count += 1
    }
    return count
  }
}
