/** Runs items of calls that come at the same time in one transaction. */
export type GroupCommit<Item, Result> = (item: Item) => Promise<Result>

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
 * If a group fails, each of its items is tried alone, so that no call fails for what another one did.
 */
export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  const waiting: Waiting<Item, Result>[] = []
  let running = 0

  async function run(): Promise<void> {
    running += 1
    while (waiting.length > 0) await commitGroup(waiting.splice(0, options.itemsMax))
    running -= 1
  }

  async function commitGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.commit(group.map(({ item }) => item))
      group.forEach(({ resolve }, nth) => {
        resolve(results[nth] as Result)
      })
    } catch (error) {
      const [first, ...others] = group
      if (others.length === 0) first?.reject(error)
      else for (const one of group) await commitGroup([one])
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (running < options.concurrency) void run()
    })
}

interface Waiting<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}
