/** Rounds a figure to this number of decimals. */
export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}

export function roundAll<Figures extends object>(
  figures: Figures,
  digits = 1,
): { [Name in keyof Figures]: number } {
  return mapValues(figures as Record<string, number>, (value) => round(value, digits)) as {
    [Name in keyof Figures]: number
  }
}

export function mapValues<Value, Mapped>(
  figures: Readonly<Partial<Record<string, Value>>>,
  map: (value: Value) => Mapped,
): Record<string, Mapped> {
  const entries = Object.entries(figures) as [string, Value][]
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value)]))
}
