/** The figures of one run by name, such as `burst: a second`. */
export type Figures = Readonly<Record<string, number>>

/** A figure that both runs have, round by round. */
export interface Comparison {
  readonly name: string
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
  /** The ratio of ours to theirs: median, least and greatest of the rounds. */
  readonly ratio: { readonly median: number; readonly least: number; readonly most: number }
}

/** Compares each round of ours with the neighbouring round of theirs. Figures that one of them lacks are left out. */
export function compare(ours: readonly Figures[], theirs: readonly Figures[]): Comparison[] {
  const names = Object.keys(ours[0] ?? {}).filter((name) =>
    [...ours, ...theirs].every((figures) => figures[name] !== undefined),
  )
  return names.map((name) => {
    const [oursByRound, theirsByRound] = [ours, theirs].map((runs) =>
      runs.map((figures) => figures[name] ?? 0),
    )
    const ratios = (oursByRound ?? [])
      .map((figure, round) => figure / (theirsByRound?.[round] ?? Number.NaN))
      .sort((a, b) => a - b)
    return {
      name,
      ours: oursByRound ?? [],
      theirs: theirsByRound ?? [],
      ratio: { median: median(ratios), least: ratios[0] ?? Number.NaN, most: ratios.at(-1) ?? Number.NaN },
    }
  })
}

function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Renders the comparison for people, with a line per figure. */
export function renderComparison(comparisons: readonly Comparison[], command: string): string {
  return [
    `ours | theirs (${command}) | ours by theirs: median of the rounds (least to most)`,
    ...comparisons.map(({ name, ours, theirs, ratio }) => {
      const { median: middle, least, most } = ratio
      const figures = `${ours.map(short).join(', ')} | ${theirs.map(short).join(', ')}`
      return `${name.padEnd(42)} ${figures} | × ${middle.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`
    }),
  ].join('\n')
}

function short(figure: number): string {
  return figure.toFixed(figure < 10 ? 2 : figure < 100 ? 1 : 0)
}
