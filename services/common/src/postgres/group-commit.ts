import { isAway } from '@boxoffice/messaging/sql'

/**
 * Runs the items of concurrent calls in one transaction.
 *
 * @param signal - aborted when the caller has left: an item that still waits is then dropped
 */
export type GroupCommit<Item, Result> = (item: Item, signal?: AbortSignal) => Promise<Result>

export interface GroupCommitOptions<Item, Result> {
  /** Runs a group in one transaction; its results are in the order of the items. */
  commit(items: readonly Item[]): Promise<readonly Result[]>
  /** Two items with the same id are never in one group: the later one waits. Without it any may be together. */
  idOf?(item: Item): string
  /** The maximum number of items in a transaction; further ones wait for the next. */
  readonly itemsMax: number
  /** The number of transactions at the same time. */
  readonly concurrency: number
}

/** The bounds of a service: few transactions gather large groups, and one works while another waits for the disk. */
export const groupBounds = { itemsMax: 100, concurrency: 2 } as const

/**
 * Lets concurrent calls share transactions: calls that come while a transaction runs gather for the next. A call that
 * comes alone gets a transaction of its own at once.
 *
 * If a group fails, each of its items is retried alone before another group begins, so that no call fails because of
 * another one. There is no retry while the database is away, as no item has caused that.
 */
export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  const waiting = new Set<Waiting<Item, Result>>()
  /** The items of failed groups. */
  const alone = new Set<Waiting<Item, Result>>()
  let running = 0

  async function run(): Promise<void> {
    running += 1
    while (waiting.size + alone.size > 0) await commitGroup(takeGroup())
    running -= 1
  }

  function takeGroup(): Waiting<Item, Result>[] {
    for (const entry of alone) {
      alone.delete(entry)
      return [entry]
    }
    const group: Waiting<Item, Result>[] = []
    const ids = new Set<string>()
    for (const entry of waiting) {
      if (group.length === options.itemsMax) break
      const id = options.idOf?.(entry.item)
      if (id !== undefined && ids.has(id)) continue
      if (id !== undefined) ids.add(id)
      group.push(entry)
      waiting.delete(entry)
    }
    return group
  }

  async function commitGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.commit(group.map(({ item }) => item))
      group.forEach(({ resolve }, nth) => {
        resolve(results[nth] as Result)
      })
    } catch (error) {
      if (group.length === 1 || isAway(error)) for (const { reject } of group) reject(error)
      else tryAlone(group)
    }
  }

  function tryAlone(group: readonly Waiting<Item, Result>[]): void {
    for (const entry of group) {
      if (entry.signal?.aborted) entry.reject(entry.signal.reason)
      else {
        alone.add(entry)
        forgetOnceLeft(entry)
      }
    }
    // The run that failed continues itself.
    while (running < options.concurrency && alone.size > 1) void run()
  }

  function forgetOnceLeft(entry: Waiting<Item, Result>): void {
    const { signal, reject } = entry
    const forget = (): void => {
      if (waiting.delete(entry) || alone.delete(entry)) reject(signal?.reason)
    }
    signal?.addEventListener('abort', forget, { once: true })
  }

  return (item, signal) =>
    new Promise((resolve, reject) => {
      const entry = { item, signal, resolve, reject }
      waiting.add(entry)
      if (running < options.concurrency) void run()
      // Most entries begin at once, and then the caller's signal does not matter any more.
      if (waiting.has(entry)) forgetOnceLeft(entry)
    })
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly signal: AbortSignal | undefined
  resolve(result: Result): void
  reject(error: unknown): void
}
