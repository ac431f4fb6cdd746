import { widthOf } from './text.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  /** Numbers end at the right. */
  readonly right?: boolean
}

/**
 * Prints rows below their titles, each column as wide as it needs, two spaces apart; nothing trails.
 *
 * @param style - for the line of titles
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  style: (title: string) => string = (title) => title,
): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => value(row))),
  ]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => widthOf(line[index] ?? ''))))
  const lines = cells.map((line) =>
    columns
      .map(({ right }, index) => pad(line[index] ?? '', widths[index] ?? 0, right ?? false))
      .join('  ')
      .trimEnd(),
  )
  return [style(lines[0] ?? ''), ...lines.slice(1)].join('\n')
}

/** Names and values below each other, the values in one column. */
export function pairs(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => widthOf(name)))
  return rows.map(([name, value]) => `${pad(name, width, false)}  ${value}`.trimEnd()).join('\n')
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? `${space}${text}` : `${text}${space}`
}
