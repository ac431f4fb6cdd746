/** A line with one figure and its target. */
export function line(what: string, measured: string, verdict = ''): string {
  return `${what.padEnd(50)}${measured.padStart(14)}   ${verdict}`.trimEnd()
}

export function atMost(value: number, most: number, unit: string): string {
  return `${mark(value <= most)} at most ${most} ${unit}`
}

export function atLeast(value: number, least: number, unit: string): string {
  return `${mark(value >= least)} at least ${least}${unit}`
}

export function mark(reached: boolean): string {
  return reached ? '✔' : '✘'
}

/** A row of a table: its name and aligned cells, each with two places for a mark. */
export function row(name: string, cells: readonly string[], nameWidth = 20): string {
  return `${name.padEnd(nameWidth)}${cells.map((cell) => cell.padStart(9)).join('')}`.trimEnd()
}
