/** A figure that is made of what each service tells: unknown as long as it is unknown of one of them. */
export interface Figure {
  /** Made of those that are known; null if none is. */
  readonly known: number | null
  /** The services of which nothing is known. */
  readonly unknown: readonly string[]
}

/** @param join - makes one number of two, such as their sum */
export function figureOf(
  parts: readonly (readonly [service: string, value: number | null])[],
  join: (one: number, other: number) => number,
): Figure {
  const values = parts.map(([, value]) => value).filter((value) => value !== null)
  return {
    known: values.length === 0 ? null : values.reduce((one, other) => join(one, other)),
    unknown: parts.filter(([, value]) => value === null).map(([service]) => service),
  }
}

/** What is shown: the figure, if all of it is known. */
export function textOf({ known, unknown }: Figure, format: (value: number) => string): string {
  return known !== null && unknown.length === 0 ? format(known) : 'unknown'
}

/** Of whom nothing is known, and what the others come to. */
export function noteOf({ known, unknown }: Figure, format: (value: number) => string): string | undefined {
  if (unknown.length === 0) return undefined
  // Either nothing has been read yet, or none of them answers.
  if (known === null) return 'no service has told it'
  return `of ${unknown.join(' and ')}; else ${format(known)}`
}
