import { isAway } from './errors.ts'

/**
 * Runs items of calls that come at the same time in one transaction.
 *
 * @param signal - aborted when the caller has left: what still waits for its turn is then not begun
 */
export type GroupCommit<Item, Result> = (item: Item, signal?: AbortSignal) => Promise<Result>

export interface GroupCommitOptions<Item, Result> {
  /** Runs a group in one transaction; its results are in the order of the items. */
  commit(items: readonly Item[]): Promise<readonly Result[]>
  /** Items of one transaction at most; more wait for the next. */
  readonly itemsMax: number
  /** Transactions at the same time. */
  readonly concurrency: number
}

/**
 * Lets concurrent calls share transactions: while one is under way, the calls that come gather for the next. A call that
 * comes alone has a transaction of its own at once.
 *
 * If a group fails, each of its items is tried alone, so that no call fails for what another one did; not while the
 * database is away, which is nobody's doing.
 */
export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  const waiting = new Set<Waiting<Item, Result>>()
  let running = 0

  async function run(): Promise<void> {
    running += 1
    while (waiting.size > 0) await commitGroup(takeGroup())
    running -= 1
  }

  function takeGroup(): Waiting<Item, Result>[] {
    const group: Waiting<Item, Result>[] = []
    for (const one of waiting) {
      if (group.length === options.itemsMax) break
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
      else for (const one of group) await commitGroup([one])
    }
  }

  return (item, signal) =>
    new Promise((resolve, reject) => {
      const one = { item, resolve, reject }
      waiting.add(one)
      if (running < options.concurrency) void run()
      if (signal === undefined || !waiting.has(one)) return
      signal.addEventListener('abort', () => waiting.delete(one) && reject(signal.reason), { once: true })
    })
}

interface Waiting<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}
