/** An item with the time at which it was made and the id of its cause. */
export interface Caused {
  readonly messageId: string | null
  readonly causeId: string | null
  readonly madeTime: string
}

/** Orders items by time, but none before its cause: the clocks of several machines may disagree. */
export function orderByCause<Item extends Caused>(items: readonly Item[]): Item[] {
  const inTime = [...items].sort((a, b) => (a.madeTime < b.madeTime ? -1 : a.madeTime > b.madeTime ? 1 : 0))
  const known = new Set(inTime.flatMap(({ messageId }) => messageId ?? []))
  const placed = new Set<string>()
  const ordered: Item[] = []
  let waiting = inTime
  while (waiting.length > 0) {
    const isFree = ({ causeId }: Item): boolean =>
      causeId === null || !known.has(causeId) || placed.has(causeId)
    const index = Math.max(0, waiting.findIndex(isFree))
    const [item] = waiting.slice(index, index + 1)
    if (item === undefined) break
    ordered.push(item)
    if (item.messageId !== null) placed.add(item.messageId)
    waiting = waiting.toSpliced(index, 1)
  }
  return ordered
}
