/**
 * Runs `work` over all items, `count` at a time. After the first failure no item begins; it is thrown when all have
 * ended.
 */
export async function atOnce<Item>(
  count: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  let failed = false
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++
      try {
        await work(items[index] as Item, index)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: count }, worker))
  const failure = ended.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
}
