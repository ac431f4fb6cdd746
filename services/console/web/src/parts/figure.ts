/** A figure that joins the values of all services. It is unknown while the value of one of them is. */
export interface Figure {
  /** The values of the other services joined; null if none is known. */
  readonly known: number | null
  /** The services whose value is unknown. */
  readonly unknown: readonly string[]
}

/** @param join - joins two values, for example to their sum */
export function figureOf(
  parts: readonly (readonly [service: string, value: number | null])[],
  join: (a: number, b: number) => number,
): Figure {
  const values = parts.map(([, value]) => value).filter((value) => value !== null)
  return {
    known: values.length === 0 ? null : values.reduce((a, b) => join(a, b)),
    unknown: parts.filter(([, value]) => value === null).map(([service]) => service),
  }
}

/** The figure as text if all values are known, otherwise `unknown`. */
export function textOf({ known, unknown }: Figure, format: (value: number) => string): string {
  return known !== null && unknown.length === 0 ? format(known) : 'unknown'
}

/** Names the services whose value is unknown, with the joined value of the others. */
export function noteOf({ known, unknown }: Figure, format: (value: number) => string): string | undefined {
  if (unknown.length === 0) return undefined
  // Either nothing has been read yet, or no service answers.
  if (known === null) return 'no service has reported it'
  return `no value from ${unknown.join(' and ')}; the others: ${format(known)}`
}
