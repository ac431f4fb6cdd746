import { isAway } from '@boxoffice/messaging/sql'

/**
 * Runs items of calls that come at the same time in one transaction.
 *
 * @param signal - aborted when the caller has left: what still waits for its turn is then not begun
 */
export type GroupCommit<Item, Result> = (item: Item, signal?: AbortSignal) => Promise<Result>

export interface GroupCommitOptions<Item, Result> {
  /** Runs a group in one transaction; its results are in the order of the items. */
  commit(items: readonly Item[]): Promise<readonly Result[]>
  /** No two items of a group have the same id: a later one waits for the next. Any may be together when left out. */
  idOf?(item: Item): string
  /** Items of one transaction at most; more wait for the next. */
  readonly itemsMax: number
  /** Transactions at the same time. */
  readonly concurrency: number
}

/** What suits a service: few transactions gather large groups, and one works while the other waits for the disk. */
export const groupBounds = { itemsMax: 100, concurrency: 2 } as const

/**
 * Lets concurrent calls share transactions: while one is under way, the calls that come gather for the next. A call that
 * comes alone has a transaction of its own at once.
 *
 * If a group fails, each of its items is tried alone, before another group is begun, so that no call fails for what another
 * one did; not while the database is away, which is nobody's doing.
 */
export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  const waiting = new Set<Waiting<Item, Result>>()
  /** Of groups that failed. */
  const alone = new Set<Waiting<Item, Result>>()
  let running = 0

  async function run(): Promise<void> {
    running += 1
    while (waiting.size + alone.size > 0) await commitGroup(takeGroup())
    running -= 1
  }

  function takeGroup(): Waiting<Item, Result>[] {
    for (const one of alone) {
      alone.delete(one)
      return [one]
    }
    const group: Waiting<Item, Result>[] = []
    const ids = new Set<string>()
    for (const one of waiting) {
      if (group.length === options.itemsMax) break
      const id = options.idOf?.(one.item)
      if (id !== undefined && ids.has(id)) continue
      if (id !== undefined) ids.add(id)
      group.push(one)
      waiting.delete(one)
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
    for (const one of group) {
      if (one.signal?.aborted) one.reject(one.signal.reason)
      else {
        alone.add(one)
        forgetOnceLeft(one)
      }
    }
    // The one that failed goes on itself.
    while (running < options.concurrency && alone.size > 1) void run()
  }

  function forgetOnceLeft(one: Waiting<Item, Result>): void {
    const { signal, reject } = one
    const forget = (): void => {
      if (waiting.delete(one) || alone.delete(one)) reject(signal?.reason)
    }
    signal?.addEventListener('abort', forget, { once: true })
  }

  return (item, signal) =>
    new Promise((resolve, reject) => {
      const one = { item, signal, resolve, reject }
      waiting.add(one)
      if (running < options.concurrency) void run()
      // Most begin at once, and then nothing is to be heard of the caller.
      if (waiting.has(one)) forgetOnceLeft(one)
    })
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly signal: AbortSignal | undefined
  resolve(result: Result): void
  reject(error: unknown): void
}
