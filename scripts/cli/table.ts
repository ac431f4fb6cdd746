import { widthOf } from './text.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  /** Aligns the column to the right, for numbers. */
  readonly right?: boolean
}

/**
 * Renders rows below their titles, each column as wide as needed, two spaces apart, without trailing spaces.
 *
 * @param style - styles the line of titles
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

/** Renders names and values, one pair per line, with the values in one column. */
export function pairs(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => widthOf(name)))
  return rows.map(([name, value]) => `${pad(name, width, false)}  ${value}`.trimEnd()).join('\n')
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? `${space}${text}` : `${text}${space}`
}
