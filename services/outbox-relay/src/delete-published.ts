import { crashPoint } from '@boxoffice/common/lifecycle/crash-point.ts'
import { pause } from '@boxoffice/pacing'
import type { Database } from './database.ts'

/**
 * Deletes rows that Kafka has, while the next send is under way; one statement deletes the rows of several sends.
 *
 * A row can arrive here before its transaction is visible to others, since the log is flushed first. If a statement
 * does not find a row, it is tried again at once, a few times, and is then left to the sweep.
 */
export class OutboxDeleter {
  readonly #database: Database
  readonly #onFailure: (error: unknown) => void
  /** The ids to delete, and the number of attempts at each. */
  readonly #attempts = new Map<string, number>()
  #running: Promise<void> | undefined
  #urgent = new AbortController()

  constructor(database: Database, onFailure: (error: unknown) => void) {
    this.#database = database
    this.#onFailure = onFailure
  }

  /** Whether the row is published, and perhaps still in the table. */
  has(id: string): boolean {
    return this.#attempts.has(id)
  }

  /** Adds ids to delete. It waits only if very many are waiting already. */
  async add(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#attempts.set(id, 0)
    if (this.#attempts.size === 0) return
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    if (this.#attempts.size >= waitingMax) await this.drain()
  }

  /** Resolves when no id is waiting any more. */
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

  /** @returns the most attempts that a missing row has had */
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

/** The time that the first row waits for others to be deleted with it. */
const gatherMs = 20
const waitingMax = 5_000
const attemptsMax = 8
const retryMs = 5
const retryMsMax = 500
