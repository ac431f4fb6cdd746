/**
 * Commits items in groups in which no id comes twice: an item that repeats an id waits for the group with the first one, and then
 * finds what that has left.
 *
 * @param commit - runs a group in one transaction; its results are in the order of the items
 * @returns in the order of all the items
 */
export async function commitDistinct<Item, Result>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const results: Result[] = []
  let left = items.map((item, nth) => ({ item, nth }))
  while (left.length > 0) {
    const seen = new Set<string>()
    const group: typeof left = []
    const repeats: typeof left = []
    for (const one of left) {
      const id = idOf(one.item)
      if (seen.has(id)) repeats.push(one)
      else group.push(one)
      seen.add(id)
    }
    const committed = await commit(group.map(({ item }) => item))
    group.forEach(({ nth }, place) => {
      results[nth] = committed[place] as Result
    })
    left = repeats
  }
  return results
}
