import { crashPoint } from '@boxoffice/common/lifecycle/crash-point.ts'
import { pause } from '@boxoffice/pacing'
import type { Database } from './database.ts'

/**
 * Deletes rows that Kafka has, beside the next send: several sends' rows go with one statement.
 *
 * A row can arrive here before its transaction is visible to others, since the log is flushed first; what a statement
 * did not find is tried again at once, a few times, and then left to the sweep.
 */
export class PublishedRows {
  readonly #database: Database
  readonly #onFailure: (error: unknown) => void
  /** Ids to delete, and how often that was tried. */
  readonly #attempts = new Map<string, number>()
  #running: Promise<void> | undefined
  #urgent = new AbortController()

  constructor(database: Database, onFailure: (error: unknown) => void) {
    this.#database = database
    this.#onFailure = onFailure
  }

  /** Published, and perhaps still in the table. */
  has(id: string): boolean {
    return this.#attempts.has(id)
  }

  /** Takes ids to delete. Waits only when very many are waiting already. */
  async add(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#attempts.set(id, 0)
    if (this.#attempts.size === 0) return
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    if (this.#attempts.size >= waitingMax) await this.drain()
  }

  /** Resolves when nothing is waiting any more. */
  async drain(): Promise<void> {
    this.#urgent.abort()
    await this.#running
    this.#urgent = new AbortController()
  }

  async #run(): Promise<void> {
    try {
      for (let missed = 0; this.#attempts.size > 0; ) {
        const waitMs = missed > 0 ? Math.min(retryMs * 2 ** missed, retryMsMax) : gatherMs
        await pause(waitMs, missed > 0 ? undefined : this.#urgent.signal)
        missed = await this.#deleteOnce()
      }
    } catch (error) {
      this.#attempts.clear()
      this.#onFailure(error)
    }
  }

  /** Returns how often the row that was missed most has been missed. */
  async #deleteOnce(): Promise<number> {
    const ids = [...this.#attempts.keys()]
    crashPoint('delete:before')
    const { rows } = await this.#database.query<{ id: string }>({
      name: 'delete-published',
      text: `DELETE FROM ${this.#database.tables.outbox} WHERE id = ANY ($1::bigint[]) RETURNING id`,
      values: [ids],
    })
    crashPoint('delete:after')
    for (const { id } of rows) this.#attempts.delete(id)
    let missed = 0
    if (rows.length === ids.length) return 0
    for (const id of ids) {
      const attempts = (this.#attempts.get(id) ?? attemptsMax) + 1
      if (attempts >= attemptsMax) this.#attempts.delete(id)
      else {
        this.#attempts.set(id, attempts)
        missed = Math.max(missed, attempts)
      }
    }
    return missed
  }
}

/** How long the first row waits for others to be deleted with. */
const gatherMs = 20
const waitingMax = 5_000
const attemptsMax = 8
const retryMs = 5
const retryMsMax = 500
